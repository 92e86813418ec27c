package dev.caravan.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.journal.JournalUnavailableException;
import io.quarkus.runtime.QuarkusBindException;
import io.quarkus.runtime.configuration.ConfigurationException;
import java.io.IOException;
import java.net.BindException;
import java.util.logging.LogRecord;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Level;
import org.junit.jupiter.api.Test;

class StartFailureTest {
    @Test
    void tellsInWordsAloneWhatAPersonHasSet() {
        // Given
        var failure =
                new RuntimeException(
                        "bean creation failed",
                        new ConfigurationException("caravan.keys.shop: the key is empty"));
        // When, Then
        assertThat(StartFailure.told(failure))
                .isEqualTo("Caravan did not start: caravan.keys.shop: the key is empty");
    }

    @Test
    void tellsWhyTheJournalCannotBeUsedWithoutWhereThatWasFound() {
        // Given
        var failure =
                new IllegalStateException(
                        new JournalUnavailableException(
                                "the journal is damaged", new IOException("read")));
        // When, Then
        assertThat(StartFailure.told(failure))
                .isEqualTo("Caravan did not start: the journal is damaged");
    }

    @Test
    void saysWhichSettingChangesAPortThatIsInUse() {
        assertThat(
                        StartFailure.told(
                                new QuarkusBindException("0.0.0.0", 8080, new BindException())))
                .isEqualTo(
                        "Caravan did not start: port 8080 of 0.0.0.0 is in use by another process, or cannot be used: choose another with quarkus.http.port (QUARKUS_HTTP_PORT)");
        assertThat(
                        StartFailure.told(
                                new QuarkusBindException("127.0.0.1", 9000, new BindException())))
                .endsWith("with quarkus.management.port (QUARKUS_MANAGEMENT_PORT)");
    }

    @Test
    void standsInTheLogOnceAndWithoutATrace() {
        // Given
        var filter = new StartFailureFilter();
        var failure = new RuntimeException(new JournalUnavailableException("100 % {0} full"));
        LogRecord ofQuarkus = line("io.quarkus.runtime.Application", failure);
        LogRecord ofCamel = line("org.apache.camel.impl.engine.AbstractCamelContext", failure);
        LogRecord ofOthers = line("dev.caravan.journal.Housekeeper", failure);
        // When, Then
        assertThat(filter.isLoggable(ofQuarkus)).isTrue();
        assertThat(ofQuarkus.getThrown()).isNull();
        assertThat(((ExtLogRecord) ofQuarkus).getFormattedMessage())
                .isEqualTo("Caravan did not start: 100 % {0} full");
        assertThat(filter.isLoggable(ofCamel)).isFalse();
        assertThat(filter.isLoggable(ofOthers)).isTrue();
        assertThat(ofOthers.getThrown()).isSameAs(failure);
    }

    private static LogRecord line(String logger, Throwable failure) {
        var line = new ExtLogRecord(Level.ERROR, "Failed to start", logger);
        line.setLoggerName(logger);
        line.setThrown(failure);
        line.setParameters(new Object[] {"a parameter"});
        return line;
    }

    @Test
    void tellsWhereAnythingElseHappened() {
        // Given
        var failure = new IllegalStateException("outer", new NullPointerException("inner"));
        // When, Then
        assertThat(StartFailure.told(failure))
                .contains("java.lang.IllegalStateException: outer")
                .contains("Caused by: java.lang.NullPointerException: inner")
                .contains("\tat ");
    }

    @Test
    void doesNotShowASecretThatARouteCouldNotTake() {
        // Given
        var failure =
                new ConfigurationException(
                        "no route of poll:api?token=xxxxxx due to: Illegal character at index 65:"
                                + " poll:api?token=RAW(S3)CRET\n)&url=RAW(http://x) and RAW(S3CRET");
        // When, Then
        assertThat(StartFailure.told(failure))
                .contains("index 65")
                .contains("token=RAW(xxxxxx)&url=RAW(xxxxxx) and RAW(xxxxxx)")
                .doesNotContain("CRET");
    }
}
