package dev.caravan.ingest;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.OVERFLOW;

import java.io.File;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.component.file.GenericFileEndpoint;
import org.apache.camel.spi.ScheduledPollConsumerScheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When a {@code file:} route looks into its folder: as soon as something appears there, so that a
 * file does not wait and nobody looks for nothing; each second while something lies there that came
 * or changed in the last two minutes, for it may be still by now; and each ten seconds if it lies
 * there longer. In any case every ten seconds where it is not known that the system tells, as a
 * folder of the network does not, and each half a minute elsewhere; and at once when another folder
 * takes its place. A folder without files is left to Camel once. Each route has one of its own.
 */
public final class InboxWatch implements ScheduledPollConsumerScheduler {
    private static final Logger LOG = LoggerFactory.getLogger(InboxWatch.class);
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration SELDOM = Duration.ofSeconds(10);
    private static final Duration TOLD = Duration.ofSeconds(30);

    /** What has been as it is for longer was not taken by any look, so soon it will not be. */
    private static final Duration STILL = Duration.ofMinutes(2);

    /** So many files are being worked off. */
    private static final int MANY = 1_000;

    /** Kinds of file systems, of which the system tells whatever appears in them. */
    private static final Set<String> TELLING =
            Set.of("ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "tmpfs", "overlay");

    /** Time for more to appear, so that many small files are not looked for one by one. */
    private static final Duration GATHER = Duration.ofMillis(20);

    private final Duration still;
    private CamelContext context;
    private File folder;
    private boolean everyKind;
    private Runnable look;
    private volatile @Nullable Watching watching;

    public InboxWatch() {
        this(STILL);
    }

    InboxWatch(Duration still) {
        this.still = still;
    }

    @Override
    public void onInit(Consumer consumer) {
        var endpoint = (GenericFileEndpoint<?>) consumer.getEndpoint();
        folder = new File(endpoint.getConfiguration().getDirectory()).getAbsoluteFile();
        everyKind =
                endpoint.isRecursive()
                        || endpoint.isHiddenFilesEnabled()
                        || endpoint.isSendEmptyMessageWhenIdle();
    }

    @Override
    public void scheduleTask(Runnable task) {
        look = task;
    }

    @Override
    public void startScheduler() {
        if (watching == null) {
            watching = new Watching(folder, everyKind, still, look);
            watching.start();
        }
    }

    @Override
    public boolean isSchedulerStarted() {
        return watching != null;
    }

    /** Begins no other look; one that is under way ends by itself. */
    @Override
    public void unscheduleTask() {
        Watching current = watching;
        watching = null;
        if (current != null) {
            current.close();
        }
    }

    @Override
    public void start() {}

    @Override
    public void stop() {
        unscheduleTask();
    }

    @Override
    public void shutdown() {
        unscheduleTask();
    }

    @Override
    public CamelContext getCamelContext() {
        return context;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        context = camelContext;
    }

    /** The thread that looks. */
    private static final class Watching extends Thread {
        private final File folder;
        private final boolean everyKind;
        private final Duration still;
        private final Runnable look;
        private final Object pause = new Object();
        private @Nullable WatchService service;
        private @Nullable WatchKey key;
        private @Nullable WatchKey parent;
        private @Nullable Object watched;
        private Duration untilTold = SELDOM;
        private boolean thereBefore = true;
        private long listing;
        private long listingNanos;
        private boolean told;
        private boolean unreadable;
        private boolean closed;

        /**
         * Makes one.
         *
         * @param everyKind whether more is wanted of the folder than the visible files in it
         */
        Watching(File folder, boolean everyKind, Duration still, Runnable look) {
            super("inbox-watch");
            this.folder = folder;
            this.everyKind = everyKind;
            this.still = still;
            this.look = look;
            setDaemon(true);
        }

        @Override
        public void run() {
            try {
                await(SOON);
                while (!isClosed()) {
                    await(round());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (ClosedWatchServiceException e) {
                LOG.debug("The inbox is watched no longer: folder={}", folder);
            } finally {
                close();
            }
        }

        /**
         * Looks if there is something; returns how long to wait for the next time. Camel tells of
         * what fails; whatever it lets through must not be the last look.
         */
        @SuppressWarnings("CatchingThrowable")
        private Duration round() {
            try {
                watch();
                boolean there = everyKind || isAnythingThere();
                if (there || thereBefore) {
                    thereBefore = true;
                    look.run();
                }
                thereBefore = there;
                return rest(there);
            } catch (ClosedWatchServiceException e) {
                throw e;
            } catch (Throwable e) {
                LOG.error(
                        "A look into the inbox failed: folder={} error={}",
                        folder,
                        e.getClass().getName());
                return SOON;
            }
        }

        /** Begins to watch, or begins again if the folder was another one meanwhile. */
        private void watch() {
            watchParent();
            Path path = folder.toPath();
            Object now = identity(path);
            if (key != null && key.isValid() && Objects.equals(now, watched)) {
                return;
            }
            if (key != null) {
                key.cancel();
                key = null;
            }
            try {
                WatchService begun = open(path);
                untilTold = tells(path) ? TOLD : SELDOM;
                watched = now;
                key = begun == null ? null : path.register(begun, ENTRY_CREATE, OVERFLOW);
            } catch (IOException | UnsupportedOperationException e) {
                if (!told && folder.isDirectory()) {
                    told = true;
                    LOG.warn(
                            "The inbox cannot be watched, and is looked into each second: folder={} reason={}",
                            folder,
                            e.toString());
                }
            }
        }

        /** Where it is told at once that the folder was replaced. */
        private void watchParent() {
            Path path = folder.toPath().getParent();
            if (path == null || (parent != null && parent.isValid())) {
                return;
            }
            parent = null;
            try {
                WatchService begun = open(path);
                parent = begun == null ? null : path.register(begun, ENTRY_CREATE);
            } catch (IOException | UnsupportedOperationException e) {
                LOG.debug("The folder of the inbox cannot be watched: folder={}", path);
            }
        }

        private static boolean tells(Path folder) {
            try {
                return TELLING.contains(Files.getFileStore(folder).type());
            } catch (IOException e) {
                return false;
            }
        }

        /** Another one if a folder was put in its place, or a link leads elsewhere. */
        private static @Nullable Object identity(Path folder) {
            try {
                return Files.readAttributes(folder, BasicFileAttributes.class).fileKey();
            } catch (IOException e) {
                return null;
            }
        }

        private @Nullable WatchService open(Path path) throws IOException {
            synchronized (pause) {
                if (service == null && !closed) {
                    service = path.getFileSystem().newWatchService();
                }
                return service;
            }
        }

        private void await(Duration most) throws InterruptedException {
            if (key == null && parent == null) {
                synchronized (pause) {
                    if (!closed) {
                        pause.wait(most.toMillis());
                    }
                }
                return;
            }
            long end = System.nanoTime() + most.toNanos();
            boolean ours = false;
            for (long left = most.toNanos(); left > 0 && !ours; left = end - System.nanoTime()) {
                WatchKey changed = service.poll(left, TimeUnit.NANOSECONDS);
                if (changed != null) {
                    ours = changed != parent || isOfFolder(changed.pollEvents());
                    if (ours) {
                        Thread.sleep(GATHER.toMillis());
                        changed.pollEvents();
                    }
                    changed.reset();
                }
            }
        }

        private boolean isOfFolder(List<WatchEvent<?>> changes) {
            return changes.stream()
                    .anyMatch(
                            change ->
                                    change.kind() == OVERFLOW
                                            || String.valueOf(change.context())
                                                    .equals(folder.getName()));
        }

        /** How long to wait for the next look if nothing is told meanwhile. */
        private Duration rest(boolean there) {
            if (key == null) {
                return SOON;
            } else if (!there) {
                return untilTold;
            }
            return changes() ? SOON : SELDOM;
        }

        private boolean isAnythingThere() {
            String[] names = folder.list();
            boolean refused = names == null && folder.isDirectory();
            if (refused && !unreadable) {
                LOG.warn("The inbox cannot be read, so no file in it is taken: folder={}", folder);
            }
            unreadable = refused;
            return names == null || files(names).findAny().isPresent();
        }

        /** Whether there are files and any came, went or changed a short while ago. */
        private boolean changes() {
            String[] names = folder.list();
            if (names == null || names.length > MANY) {
                return names != null;
            }
            long now =
                    files(names) // in any order
                            .mapToLong(
                                    file ->
                                            Objects.hash(
                                                    file.getName(),
                                                    file.length(),
                                                    file.lastModified()))
                            .sum();
            if (now != listing) {
                listing = now;
                listingNanos = System.nanoTime();
            }
            return now != 0 && System.nanoTime() - listingNanos < still.toNanos();
        }

        private Stream<File> files(String[] names) {
            return Arrays.stream(names)
                    .map(name -> new File(folder, name))
                    .filter(file -> !file.isHidden() && !file.isDirectory()); // as Camel does
        }

        private boolean isClosed() {
            synchronized (pause) {
                return closed;
            }
        }

        void close() {
            synchronized (pause) {
                closed = true;
                pause.notifyAll();
                if (service != null) {
                    try {
                        service.close();
                    } catch (IOException e) {
                        LOG.debug("The watch of the inbox could not be closed", e);
                    }
                }
            }
        }
    }
}
