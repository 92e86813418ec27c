package dev.caravan.camel;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.camel.LoggingLevel;
import org.apache.camel.RouteConfigurationsBuilder;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.kamelet.KameletComponent;
import org.apache.camel.model.errorhandler.DefaultErrorHandlerDefinition;
import org.apache.camel.processor.errorhandler.DefaultErrorHandler;
import org.apache.camel.spi.Resource;
import org.apache.camel.spi.RoutesLoader;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.jboss.logging.Logger;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/**
 * Loads the routes: the shipped ones, and those under {@code routes/} in {@code caravan.home},
 * where a file replaces the shipped one of the same relative name (an empty one takes it away).
 * Files are named {@code *.camel.yaml}, in folders to any depth; hidden ones are left alone, a
 * missing folder is fine. Symbolic links are followed, wherever they lead: who can write into the
 * home can run what they like anyway. Kamelets are looked for in {@code kamelets/} of the home
 * first.
 *
 * <p>Camel alone loads neither folders that may be missing nor folders inside a packaged jar, so
 * the shipped ones are listed in {@code routes/index.txt}. A file that cannot be loaded stops the
 * start.
 */
public final class RouteFiles extends RouteBuilder {
    private static final Logger LOG = Logger.getLogger(RouteFiles.class);
    private static final String SUFFIX = ".camel.yaml";
    private static final String SHIPPED = "routes/";
    private static final String INDEX = SHIPPED + "index.txt";

    /** How long Camel may take to stop beyond what destinations may. */
    private static final Duration STOP_MARGIN = Duration.ofSeconds(1);

    private final Path home;
    private final Duration shutdownTimeout;

    /**
     * Makes a loader.
     *
     * @param home {@code caravan.home}
     * @param shutdownTimeout how long what is under way may take to end when Camel stops
     */
    public RouteFiles(Path home, Duration shutdownTimeout) {
        this.home = home.toAbsolutePath().normalize();
        this.shutdownTimeout = shutdownTimeout;
    }

    @Override
    public void configure() throws Exception {
        getContext().getComponent("kamelet", KameletComponent.class).setLocation(kamelets());
        getContext().getCamelContextExtension().setErrorHandlerFactory(quietErrorHandler());
        getContext().getCamelContextExtension().addInterceptStrategy(new SplitRecords());
        getContext().addStartupListener(new DirectTargets());
        getContext().getShutdownStrategy().setTimeUnit(TimeUnit.MILLISECONDS);
        getContext().getShutdownStrategy().setTimeout(shutdownTimeout.plus(STOP_MARGIN).toMillis());
        Map<String, Resource> files = shipped();
        files.putAll(own());
        load(files);
    }

    private String kamelets() {
        return "file:%s,classpath:kamelets".formatted(home.resolve("kamelets"));
    }

    /**
     * Leaves the word about a failure to who hears of it: the consumer that began the exchange, or
     * the destination's dispatcher, which would else be echoed at each retry. Camel's own message
     * may show the body.
     */
    private static DefaultErrorHandlerDefinition quietErrorHandler() {
        return new DefaultErrorHandlerDefinition()
                .log(DefaultErrorHandler.class)
                .loggingLevel(LoggingLevel.DEBUG)
                .logExhaustedMessageHistory(false)
                .logExhaustedMessageBody(false);
    }

    // --- which files

    private Map<String, Resource> shipped() throws IOException {
        Map<String, Resource> files = new TreeMap<>();
        for (String name : index(getContext().getClassResolver().loadResourceAsStream(INDEX))) {
            files.put(
                    name,
                    ResourceHelper.resolveMandatoryResource(
                            getContext(), "classpath:" + SHIPPED + name));
        }
        return files;
    }

    static List<String> index(InputStream in) throws IOException {
        if (in == null) {
            throw new IOException("the list of shipped routes is missing: " + INDEX);
        }
        try (var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return reader.lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        }
    }

    private Map<String, Resource> own() throws IOException {
        Path folder = home.resolve("routes");
        Map<String, Resource> files = new TreeMap<>();
        if (!Files.exists(folder)) {
            return files;
        }
        try (Stream<Path> found = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            for (Path file : found.filter(Files::isRegularFile).toList()) {
                Path relative = folder.relativize(file);
                String name = nameOf(relative);
                if (name.endsWith(SUFFIX) && !isHidden(relative)) {
                    files.put(name, ResourceHelper.resolveResource(getContext(), "file:" + file));
                } else if (name.matches(".*\\.ya?ml") && !isHidden(relative)) {
                    LOG.warnf("%s is not loaded: a route file's name ends in %s", file, SUFFIX);
                }
            }
        }
        return files;
    }

    private static String nameOf(Path relative) {
        return relative.toString().replace('\\', '/');
    }

    private static boolean isHidden(Path relative) {
        for (Path part : relative) {
            if (part.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }

    // --- loading

    /** One file's share of what is loaded. */
    private record Part(String name, RoutesBuilder builder) {}

    private interface Step {
        void run() throws Exception;
    }

    /**
     * Loads in the order that Camel has for several files: what routes rely on, then routes, then
     * what is made of templates; but each file by itself, so that a mistake is told with its name.
     */
    private void load(Map<String, Resource> files) throws Exception {
        RoutesLoader loader = PluginHelper.getRoutesLoader(getContext());
        List<Part> parts = new ArrayList<>();
        for (Map.Entry<String, Resource> file : files.entrySet()) {
            if (!isEmpty(file.getValue())) {
                named(
                        file.getKey(),
                        () -> {
                            requireList(file.getValue());
                            for (RoutesBuilder builder :
                                    loader.findRoutesBuilders(file.getValue())) {
                                parts.add(new Part(file.getKey(), builder));
                            }
                        });
            }
        }
        for (Part part : parts) {
            if (part.builder() instanceof RouteConfigurationsBuilder configurations) {
                named(part.name(), () -> getContext().addRoutesConfigurations(configurations));
            }
        }
        for (Part part : parts) {
            named(part.name(), () -> getContext().addRoutes(part.builder()));
        }
        for (Part part : parts) {
            named(part.name(), () -> getContext().addTemplatedRoutes(part.builder()));
        }
    }

    private static void named(String name, Step step) throws Exception {
        try {
            step.run();
        } catch (Exception e) {
            throw new RouteFileException(
                    "routes/%s cannot be loaded: %s ('lint' shows where)"
                            .formatted(name, reason(e)),
                    e);
        }
    }

    /** What is wrong with the YAML, which Camel says in a cause only; else what Camel says. */
    private static String reason(Exception e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof MarkedYamlEngineException yaml) {
                return yaml.getProblemMark()
                        .map(mark -> "line %d: %s".formatted(mark.getLine() + 1, yaml.getProblem()))
                        .orElse(yaml.getProblem());
            }
        }
        return String.valueOf(e.getMessage());
    }

    private static boolean isEmpty(Resource file) throws IOException {
        return lines(file).isEmpty();
    }

    /**
     * Camel makes nothing of a file that is no list, without a word; resources of its own it takes.
     */
    private static void requireList(Resource file) throws IOException {
        String first = lines(file).get(0);
        if (first.matches("[A-Za-z]+ *:.*") && !first.matches("(apiVersion|kind|metadata) *:.*")) {
            throw new RouteFileException(
                    "it begins with '%s' but must be a list: '- %1$s'"
                            .formatted(first.substring(0, first.indexOf(':') + 1)));
        }
    }

    /** The lines of a file that say something. */
    private static List<String> lines(Resource file) throws IOException {
        try (InputStream in = file.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.strip().startsWith("#"))
                    .filter(line -> !line.startsWith("---"))
                    .toList();
        }
    }
}
