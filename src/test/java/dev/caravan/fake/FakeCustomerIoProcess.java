package dev.caravan.fake;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A fake in a Java process of its own, which outlives any crash of the product under test. */
public final class FakeCustomerIoProcess implements AutoCloseable {

    private final Process process;
    private final FakeCustomerIoClient client;

    private FakeCustomerIoProcess(Process process, FakeCustomerIoClient client) {
        this.process = process;
        this.client = client;
    }

    /**
     * Starts the process and returns once it listens.
     *
     * @param port 0 for any free one
     * @throws IOException if it ends before it listens, for instance because the port is taken
     */
    public static FakeCustomerIoProcess start(int port, String key) throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> command =
                List.of(
                        java.toString(),
                        "-cp",
                        classPath(),
                        FakeCustomerIo.class.getName(),
                        String.valueOf(port),
                        key);
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String url =
                new BufferedReader(
                                new InputStreamReader(
                                        process.getInputStream(), StandardCharsets.UTF_8))
                        .readLine();
        if (url == null) {
            throw new IOException("the fake's process ended before it listened");
        }
        return new FakeCustomerIoProcess(process, new FakeCustomerIoClient(URI.create(url)));
    }

    /** Returns the remote control. */
    public FakeCustomerIoClient client() {
        return client;
    }

    /** Kills the process and all that it remembers. */
    @Override
    public void close() {
        // onExit rather than waitFor: closing must not fail for an interrupt.
        process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }

    /**
     * The places of the classes it needs; the test runner's own class path may be a jar that
     * vanishes.
     */
    private static String classPath() {
        return Stream.of(
                        FakeCustomerIo.class,
                        ObjectMapper.class,
                        JsonFactory.class,
                        JsonAutoDetect.class)
                .map(FakeCustomerIoProcess::placeOf)
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String placeOf(Class<?> type) {
        try {
            URI place = type.getProtectionDomain().getCodeSource().getLocation().toURI();
            return Path.of(place).toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("no path leads to " + type, e);
        }
    }
}
