package dev.caravan.app;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives memory back to the system that was freed outside of the Java heap. What the JIT compilers
 * and SQLite free, glibc keeps: 60 MB and more after the first minutes under load. Where the JVM
 * has no such command (before 17.0.9, other C libraries, a native binary), nothing is done.
 *
 * @see <a href="https://bugs.openjdk.org/browse/JDK-8269345">JDK-8269345</a>
 */
final class NativeHeap implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(NativeHeap.class);
    private static final String COMMANDS = "com.sun.management:type=DiagnosticCommand";
    private static final String TRIM = "systemTrimNativeHeap";

    /** Less work than this leaves nothing worth the while. */
    private static final long WORK_NANOS = 1_000_000_000;

    private boolean missing;
    private long workBefore;

    @Override
    public void run() {
        long work = processorNanos();
        if (!missing && work - workBefore >= WORK_NANOS) {
            workBefore = work;
            trim();
        }
    }

    private static long processorNanos() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system.getProcessCpuTime()
                : System.nanoTime(); // then as often as it is asked
    }

    private void trim() {
        try {
            MBeanServer server = ManagementFactory.getPlatformMBeanServer();
            server.invoke(new ObjectName(COMMANDS), TRIM, new Object[0], new String[0]);
        } catch (JMException | RuntimeException e) {
            missing = true;
            LOG.debug("This JVM cannot trim the native heap", e);
        }
    }
}
