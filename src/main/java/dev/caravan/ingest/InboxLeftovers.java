package dev.caravan.ingest;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.component.file.FileEndpoint;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that lie in the inbox and that no route takes, since their names are not such as one wants,
 * or since they are pipes and the like. Each is told once, when it has been still for a minute:
 * until then it may be about to be renamed.
 */
public final class InboxLeftovers implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(InboxLeftovers.class);

    private final File inbox;
    private final CamelContext camel;
    private final InstantSource clock;
    private Set<String> told = Set.of();

    public InboxLeftovers(Path inbox, CamelContext camel, InstantSource clock) {
        this.inbox = inbox.toAbsolutePath().normalize().toFile();
        this.camel = camel;
        this.clock = clock;
    }

    /** How many there were at the last look. */
    public synchronized int count() {
        return told.size();
    }

    @Override
    public void run() {
        try {
            look();
        } catch (RuntimeException e) {
            LOG.warn("Cannot look for files that no route takes: folder={}", inbox, e);
        }
    }

    private synchronized void look() {
        Set<String> left = new TreeSet<>();
        File[] files = inbox.listFiles(this::isStill);
        if (files != null && files.length > 0) {
            List<FileEndpoint> readers = readers();
            for (File file : files) {
                if (isOther(file)
                        || readers.stream().noneMatch(reader -> mayTake(reader, file.getName()))) {
                    left.add(file.getName());
                }
            }
        }
        for (String name : left) {
            if (!told.contains(name)) {
                LOG.warn(
                        "No route takes a file that lies in the inbox, since none wants its name or it is a pipe or the like: file={}",
                        FileNames.shown(name));
            }
        }
        told = left;
    }

    private boolean isStill(File file) {
        return !file.isHidden()
                && (file.isFile() || isOther(file))
                && clock.millis() - file.lastModified() >= InboxFiles.UNFINISHED.toMillis();
    }

    private static boolean isOther(File file) {
        try {
            return Files.readAttributes(file.toPath(), BasicFileAttributes.class).isOther();
        } catch (IOException e) {
            return false;
        }
    }

    private List<FileEndpoint> readers() {
        return camel.getRoutes().stream()
                .map(Route::getEndpoint)
                .filter(FileEndpoint.class::isInstance)
                .map(FileEndpoint.class::cast)
                .filter(reader -> inbox.equals(folder(reader)))
                .toList();
    }

    private static File folder(FileEndpoint reader) {
        return reader.getFile().toPath().toAbsolutePath().normalize().toFile();
    }

    /** As far as regular expressions say; what else a route may ask for is given the benefit. */
    private static boolean mayTake(FileEndpoint reader, String name) {
        return matches(reader.getIncludePattern(), name, true)
                && !matches(reader.getExcludePattern(), name, false);
    }

    private static boolean matches(@Nullable Pattern pattern, String name, boolean otherwise) {
        return pattern == null ? otherwise : pattern.matcher(name).matches();
    }
}
