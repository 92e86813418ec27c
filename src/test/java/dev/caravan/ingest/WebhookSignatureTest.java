package dev.caravan.ingest;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a start refuses; {@link WebhookTest} has the calls. */
class WebhookSignatureTest {
    private final WebhookSignature signature = new WebhookSignature();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    X-Time    | [body]        | with 'timestampHeader', 'signed' must have [timestamp] in it
                    ""        | [timestamp].[body] | 'signed' has [timestamp] in it, so 'timestampHeader' must say
                    X Time    | [timestamp].[body] | timestampHeader must be the name of a request header but is 'X Time'
                    X-Time:   | [timestamp].[body] | timestampHeader must be the name of a request header but is 'X-Time:'
                    X-Time    | [timestamp]   | signed must have [body] in it
                    """)
    void asksForATimeThatIsSigned(String header, String signed, String complaint) {
        // In either order, since a kamelet has none
        assertThatThrownBy(
                        () -> {
                            signature.setTimestampHeader(header);
                            signature.setSigned(signed);
                        })
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(complaint);
        assertThatThrownBy(
                        () -> {
                            var other = new WebhookSignature();
                            other.setSigned(signed);
                            other.setTimestampHeader(header);
                        })
                .hasMessageStartingWith(complaint);
    }

    @Test
    void takesATimeThatIsSignedAndNone() {
        assertThatCode(
                        () -> {
                            signature.setTimestampHeader("");
                            signature.setSigned("[body]");
                            var stamped = new WebhookSignature();
                            stamped.setSigned("v0:[timestamp]:[body]");
                            stamped.setTimestampHeader("X-CIO-Timestamp");
                        })
                .doesNotThrowAnyException();
    }

    @Test
    void refusesAWindowAndHeadersThatAreNone() {
        assertThatThrownBy(() -> signature.setWindow("5 minutes"))
                .hasMessage("window must be a time such as PT5M but is '5 minutes'");
        assertThatThrownBy(() -> signature.setHeader(""))
                .hasMessage("header must be the name of a request header but is ''");
        assertThatThrownBy(() -> signature.setIdHeader("X Id"))
                .hasMessage("idHeader must be the name of a request header but is 'X Id'");
    }
}
