package dev.caravan.journal;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.ExtLogRecord;

/** What a class says in the log. */
public final class LogLines extends Handler implements AutoCloseable {
    public final List<String> all = new CopyOnWriteArrayList<>();
    private final Logger logger;

    private LogLines(Class<?> type) {
        logger = Logger.getLogger(type.getName());
    }

    /** Begins to listen. */
    public static LogLines of(Class<?> type) {
        var lines = new LogLines(type);
        lines.logger.addHandler(lines);
        return lines;
    }

    @Override
    public void publish(LogRecord line) {
        all.add(line.getLevel() + " " + ((ExtLogRecord) line).getFormattedMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
    }
}
