package dev.caravan.app;

import io.quarkus.logging.LoggingFilter;
import io.quarkus.runtime.Application;
import java.util.Set;
import java.util.logging.Filter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.jboss.logmanager.ExtLogRecord;

/**
 * Makes of what the console is told of a failed start the words of {@link StartFailure}. Quarkus
 * and Camel log the same failure, each with its trace; of these one line is left.
 */
@LoggingFilter(name = "start-failures")
public final class StartFailureFilter implements Filter {
    private static final String LAST_TO_TELL = Application.class.getName();
    private static final Set<String> OTHERS =
            Set.of(
                    "org.apache.camel.impl.engine.AbstractCamelContext",
                    "org.apache.camel.quarkus.main.CamelMainRuntime");

    @Override
    public boolean isLoggable(LogRecord line) {
        Throwable failure = line.getThrown();
        if (failure == null || line.getLevel().intValue() < Level.SEVERE.intValue()) {
            return true;
        } else if (LAST_TO_TELL.equals(line.getLoggerName())) {
            tell(line, StartFailure.told(failure));
            return true;
        }
        return !OTHERS.contains(line.getLoggerName());
    }

    private static void tell(LogRecord line, String words) {
        line.setThrown(null);
        line.setParameters(null);
        if (line instanceof ExtLogRecord formatted) {
            formatted.setMessage(words, ExtLogRecord.FormatStyle.NO_FORMAT);
        } else {
            line.setMessage(words);
        }
    }
}
