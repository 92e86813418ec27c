package dev.caravan.crash;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.matcher.ElementMatchers;

/**
 * Kills its own process with a real {@code kill -9} when it comes to a chosen point for the n-th
 * time. The product knows nothing of it: the points are woven into its classes as they are loaded.
 */
public final class CrashAgent {

    /** Where to be killed. */
    public enum Phase {
        /** Events are in the transaction, which is not committed. */
        BEFORE_FSYNC,
        /** Events are on disk, nobody was told. */
        AFTER_FSYNC,
        /** Progress is in the transaction, which is not committed. */
        BEFORE_CURSOR_MOVE,
        /** Progress is on disk, nobody was told. */
        AFTER_CURSOR_MOVE
    }

    static volatile Phase phase;
    static volatile Path marker;
    static final AtomicInteger REMAINING = new AtomicInteger();

    private CrashAgent() {}

    /** Takes {@code phase:count:marker file}. */
    public static void premain(String argument, Instrumentation instrumentation) {
        String[] parts = argument.split(":", 3);
        phase = Phase.valueOf(parts[0]);
        REMAINING.set(Integer.parseInt(parts[1]));
        marker = Path.of(parts[2]);
        new AgentBuilder.Default()
                .disableClassFormatChanges()
                .type(ElementMatchers.named("dev.caravan.journal.WriteSession"))
                .transform(
                        (builder, type, loader, module, domain) ->
                                builder.visit(
                                                Advice.to(RowWritten.class)
                                                        .on(ElementMatchers.named("writeRow")))
                                        .visit(
                                                Advice.to(Settled.class)
                                                        .on(ElementMatchers.named("settle")))
                                        .visit(
                                                Advice.to(Committed.class)
                                                        .on(ElementMatchers.named("commit"))))
                .installOn(instrumentation);
    }

    /** Advice. */
    public static final class RowWritten {
        @Advice.OnMethodExit
        static void exit() {
            Points.rowWritten();
        }
    }

    /** Advice. */
    public static final class Settled {
        @Advice.OnMethodExit
        static void exit() {
            Points.settled();
        }
    }

    /** Advice. */
    public static final class Committed {
        @Advice.OnMethodExit
        static void exit() {
            Points.committed();
        }
    }

    /** What the woven code calls; the writer has one thread, so the marks need no lock. */
    public static final class Points {
        private static boolean rows;
        private static boolean progress;

        private Points() {}

        public static void rowWritten() {
            rows = true;
            reach(Phase.BEFORE_FSYNC);
        }

        public static void settled() {
            progress = true;
            reach(Phase.BEFORE_CURSOR_MOVE);
        }

        public static void committed() {
            if (rows) {
                rows = false;
                reach(Phase.AFTER_FSYNC);
            }
            if (progress) {
                progress = false;
                reach(Phase.AFTER_CURSOR_MOVE);
            }
        }

        private static void reach(Phase here) {
            if (here != phase || REMAINING.decrementAndGet() != 0) {
                return;
            }
            try {
                Files.writeString(
                        marker,
                        here + "\n",
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND,
                        StandardOpenOption.SYNC);
                Thread.sleep(100); // time for whoever was told too early to tell others
                long pid = ProcessHandle.current().pid();
                new ProcessBuilder("kill", "-9", String.valueOf(pid)).start().waitFor();
                Thread.sleep(10_000);
            } catch (IOException | InterruptedException e) {
                Runtime.getRuntime().halt(99);
            }
        }
    }

    /** Writes the agent as a jar, and returns the option that puts it into a process. */
    static String option(Path folder, Phase phase, int count, Path marker) throws IOException {
        Path jar = folder.resolve("crash-agent.jar");
        if (!Files.exists(jar)) {
            write(jar);
        }
        return "-javaagent:%s=%s:%d:%s".formatted(jar, phase, count, marker);
    }

    private static void write(Path jar) throws IOException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(new Attributes.Name("Premain-Class"), CrashAgent.class.getName());
        Path byteBuddy =
                Path.of(
                        java.net.URI.create(
                                AgentBuilder.class
                                        .getProtectionDomain()
                                        .getCodeSource()
                                        .getLocation()
                                        .toString()));
        attributes.put(Attributes.Name.CLASS_PATH, byteBuddy.toUri().toString());
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest)) {
            for (String name :
                    new String[] {
                        "CrashAgent",
                        "CrashAgent$Phase",
                        "CrashAgent$Points",
                        "CrashAgent$RowWritten",
                        "CrashAgent$Settled",
                        "CrashAgent$Committed"
                    }) {
                String entry = "dev/caravan/crash/" + name + ".class";
                out.putNextEntry(new JarEntry(entry));
                try (var in = CrashAgent.class.getClassLoader().getResourceAsStream(entry)) {
                    in.transferTo(out);
                }
                out.closeEntry();
            }
        }
    }
}
