package dev.caravan.cli;

import dev.caravan.cli.lint.HomeSettings;
import dev.caravan.event.EventReader;
import dev.caravan.event.SemanticNames;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The commands of {@code java -jar quarkus-run.jar}. They neither start the server nor open a port.
 * Exit codes: 0 all is well, 1 something was rejected or failed, 2 the command was not understood
 * or a file cannot be read.
 */
@Command(
        name = "caravan",
        description = "Without a command: starts the server.",
        subcommands = {LintCommand.class, TryCommand.class, TestCommand.class, SchemaCommand.class},
        synopsisSubcommandLabel = "[COMMAND]",
        mixinStandardHelpOptions = true,
        versionProvider = Cli.Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all is well",
            "1:something was rejected or failed",
            "2:the command was not understood, or a file cannot be read"
        })
@RegisterForReflection(fields = true, methods = true)
public final class Cli implements Runnable {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;

    private final Supplier<SemanticNames> names;
    private final Function<Path, HomeSettings> settings;
    private final InputStream in;
    private final PrintWriter out;
    private final PrintWriter err;

    /**
     * Makes one.
     *
     * @param names the user's settings for names of events, asked for when a command needs them
     * @param settings the settings of a home, likewise
     * @param in what {@code -} means as a file
     */
    public Cli(
            Supplier<SemanticNames> names,
            Function<Path, HomeSettings> settings,
            InputStream in,
            PrintWriter out,
            PrintWriter err) {
        this.names = names;
        this.settings = settings;
        this.in = in;
        this.out = out;
        this.err = err;
    }

    /** Runs a command and returns its exit code. */
    public int run(String... args) {
        CommandLine line =
                new CommandLine(this)
                        .setOut(out)
                        .setErr(err)
                        .setExecutionExceptionHandler(
                                (e, command, parsed) -> {
                                    err.println(told(e));
                                    return e instanceof UsageException ? USAGE : FAILED;
                                });
        int code = line.execute(args);
        out.flush();
        err.flush();
        return code;
    }

    private static String told(Exception e) {
        return e instanceof UsageException || e.getMessage() != null
                ? String.valueOf(e.getMessage())
                : e.toString();
    }

    @Override
    public void run() {
        new CommandLine(this).usage(out);
    }

    EventReader reader() {
        return new EventReader(names.get());
    }

    HomeSettings settings(Path home) {
        return settings.apply(home);
    }

    InputStream in() {
        return in;
    }

    PrintWriter out() {
        return out;
    }

    PrintWriter err() {
        return err;
    }

    /** The version of the jar. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Cli.class.getPackage().getImplementationVersion();
            return new String[] {"Caravan" + (version == null ? "" : " " + version)};
        }
    }
}
