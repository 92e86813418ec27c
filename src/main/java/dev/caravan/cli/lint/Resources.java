package dev.caravan.cli.lint;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the jars have beside classes. */
final class Resources {
    private Resources() {}

    static @Nullable InputStream open(String name) {
        return loader().getResourceAsStream(name);
    }

    /** The text of one, empty if it is not there. */
    static Optional<String> text(String name) throws IOException {
        try (InputStream in = open(name)) {
            return in == null
                    ? Optional.empty()
                    : Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    /** The names of the files beside one, itself included; empty where they cannot be listed. */
    static List<String> beside(String name) throws IOException {
        URL url = loader().getResource(name);
        String folder = name.substring(0, name.lastIndexOf('/') + 1);
        if (url == null) {
            return List.of();
        } else if (url.getProtocol().equals("file")) {
            Path parent = Path.of(URI.create(url.toString())).resolveSibling("");
            try (Stream<Path> files = Files.list(parent)) {
                return files.map(file -> folder + file.getFileName()).sorted().toList();
            }
        }
        URLConnection connection = url.openConnection();
        if (!(connection instanceof JarURLConnection jar)) {
            return List.of();
        }
        try (JarFile file =
                new JarFile(Path.of(URI.create(jar.getJarFileURL().toString())).toFile())) {
            return file.stream()
                    .map(entry -> entry.getName())
                    .filter(entry -> entry.startsWith(folder) && !entry.endsWith("/"))
                    .sorted()
                    .toList();
        }
    }

    private static ClassLoader loader() {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        return context == null ? Resources.class.getClassLoader() : context;
    }
}
