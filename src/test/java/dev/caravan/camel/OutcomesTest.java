package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParseException;
import dev.caravan.delivery.DeliveryException;
import dev.caravan.delivery.Outcome;
import dev.caravan.delivery.Outcome.Paused;
import dev.caravan.delivery.Outcome.Refused;
import dev.caravan.delivery.Outcome.Retry;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.MessageFormatException;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.security.cert.CertificateExpiredException;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.apache.camel.CamelExchangeException;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeTimedOutException;
import org.apache.camel.ExpressionEvaluationException;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.NoSuchBeanException;
import org.apache.camel.NoSuchEndpointException;
import org.apache.camel.NoTypeConversionAvailableException;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.TypeConversionException;
import org.apache.camel.ValidationException;
import org.apache.camel.component.direct.DirectConsumerNotAvailableException;
import org.apache.camel.component.file.GenericFileOperationFailedException;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OutcomesTest {
    private static final Instant NOW = Instant.parse("2026-08-21T10:00:00Z");
    private static final Exchange EXCHANGE = new DefaultExchange(new DefaultCamelContext());

    private final Outcomes outcomes = new Outcomes(InstantSource.fixed(NOW));

    static Stream<Arguments> table() {
        return Stream.of(
                row(new ConnectException("refused"), Retry.class),
                row(new UnknownHostException("crm"), Retry.class),
                row(new SocketTimeoutException(), Retry.class),
                row(new HttpTimeoutException("slow"), Retry.class),
                row(new EOFException(), Retry.class),
                row(new FileNotFoundException("no such folder"), Retry.class),
                row(new TimeoutException(), Retry.class),
                row(new ExchangeTimedOutException(EXCHANGE, 5), Retry.class),
                row(new RejectedExecutionException(), Retry.class),
                row(new InterruptedException(), Retry.class),
                row(new SSLHandshakeException("reset"), Retry.class),
                row(
                        new SSLHandshakeException("bad")
                                .initCause(new CertificateExpiredException("since May")),
                        Paused.class),
                row(new JMSException("broker gone"), Retry.class),
                row(new JMSSecurityException("no"), Paused.class),
                row(new InvalidDestinationException("no queue"), Paused.class),
                row(new MessageFormatException("no"), Refused.class),
                row(new SQLException("?"), Retry.class),
                row(new SQLException("?", "?"), Retry.class),
                row(new SQLTransientConnectionException("pool"), Retry.class),
                row(new SQLException("deadlock", "40P01"), Retry.class),
                row(new SQLException("gone", "08006"), Retry.class),
                row(new SQLException("too long", "22001"), Refused.class),
                row(new SQLIntegrityConstraintViolationException("x", "23505"), Refused.class),
                row(new SQLException("limit", "54000"), Refused.class),
                row(new SQLException("login", "28P01"), Paused.class),
                row(new SQLException("no table", "42P01"), Paused.class),
                row(new SQLException("no database", "3D000"), Paused.class),
                row(new GenericFileOperationFailedException("ftp down"), Retry.class),
                row(new GenericFileOperationFailedException(426, "x", "aborted"), Retry.class),
                row(new GenericFileOperationFailedException(530, "x", "login"), Paused.class),
                row(new GenericFileOperationFailedException(553, "x", "no right"), Paused.class),
                row(new ValidationException(EXCHANGE, "no total"), Refused.class),
                row(new InvalidPayloadException(EXCHANGE, Integer.class), Refused.class),
                row(
                        new TypeConversionException("x", Integer.class, new RuntimeException()),
                        Refused.class),
                row(new NoTypeConversionAvailableException("x", Integer.class), Refused.class),
                row(
                        new ExpressionEvaluationException(null, EXCHANGE, new RuntimeException()),
                        Refused.class),
                row(new JsonParseException(null, "bad"), Refused.class),
                row(new NumberFormatException("x"), Refused.class),
                row(new NoSuchEndpointException("foo:bar"), Paused.class),
                row(new DirectConsumerNotAvailableException("nobody", EXCHANGE), Paused.class),
                row(new NoSuchBeanException("mapper"), Paused.class),
                row(new NoClassDefFoundError("x/Y"), Paused.class),
                row(new CamelExchangeException("something", EXCHANGE), Retry.class),
                row(new NullPointerException(), Retry.class),
                row(new IllegalStateException("not now"), Retry.class),
                // causes say more than wrappers
                row(
                        new CamelExecutionException(
                                "failed", EXCHANGE, new ConnectException("refused")),
                        Retry.class),
                row(
                        new ExpressionEvaluationException(
                                null, EXCHANGE, new SQLException("gone", "08006")),
                        Retry.class),
                row(
                        new RuntimeCamelException(
                                new IllegalArgumentException(new NoSuchBeanException("mapper"))),
                        Paused.class));
    }

    private static Arguments row(Throwable error, Class<? extends Outcome> outcome) {
        return Arguments.of(error, outcome);
    }

    @ParameterizedTest
    @MethodSource("table")
    void followsTheTable(Throwable error, Class<? extends Outcome> expected) {
        // When
        List<Outcome> found = outcomes.of(error, false, 1);
        // Then
        assertThat(found).singleElement().isInstanceOf(expected);
    }

    @Test
    void lets413AndOtherRefusalsSplitTheRun() {
        assertThat(outcomes.of(http(413, Map.of(), ""), false, 1))
                .containsExactly(new Refused(413, "answered 413", true));
        assertThat(outcomes.of(new ValidationException(EXCHANGE, "x"), false, 1))
                .singleElement()
                .satisfies(outcome -> assertThat(((Refused) outcome).whole()).isTrue());
    }

    @Test
    void goesByTheStatusOfAnAnswer() {
        assertThat(outcomes.of(http(503, Map.of(), ""), false, 1))
                .containsExactly(Retry.of(503, "answered 503"));
        assertThat(outcomes.of(http(401, Map.of(), "who?\n\n are you"), false, 1))
                .containsExactly(new Paused(401, "answered 401", "who? are you"));
        assertThat(outcomes.of(http(302, Map.of(), ""), false, 1))
                .hasOnlyElementsOfType(Paused.class);
        assertThat(outcomes.of(http(422, Map.of(), ""), false, 1))
                .hasOnlyElementsOfType(Refused.class);
    }

    @Test
    void takes404And410ForDoneWhereSomebodyIsToBeRemovedUnlessTheSenderKnowsBetter() {
        // Given
        List<Outcome> paused = List.of(new Paused(404, "is the address right?"));
        // When / Then
        assertThat(outcomes.of(http(404, Map.of(), ""), true, 1))
                .containsExactly(new Outcome.Delivered(404));
        assertThat(outcomes.of(http(410, Map.of(), ""), true, 1))
                .containsExactly(new Outcome.Delivered(410));
        assertThat(outcomes.of(http(404, Map.of(), ""), false, 1))
                .hasOnlyElementsOfType(Paused.class);
        assertThat(outcomes.of(new DeliveryException("no", paused), true, 1)).isEqualTo(paused);
    }

    @Test
    void takesNothingSaidOfAPartForSaidOfTheWholeRun() {
        // Given
        var delivered = new Outcome.Delivered(200);
        var refused = new Refused(400, "too long", false, "name");
        var retry = Retry.of(503, "busy");
        // When / Then
        assertThat(ofPart(3, refused, delivered, delivered))
                .containsExactly(refused, delivered, delivered);
        assertThat(ofPart(1, refused)).containsExactly(refused);
        assertThat(ofPart(3, refused)).containsExactly(new Refused(400, "too long", true, "name"));
        assertThat(ofPart(3, delivered, refused))
                .containsExactly(new Refused(400, "too long", true, "name"));
        assertThat(ofPart(3, refused, retry)).containsExactly(retry);
        assertThat(ofPart(3, retry)).containsExactly(retry);
    }

    private List<Outcome> ofPart(int events, Outcome... said) {
        return outcomes.of(new DeliveryException("no", List.of(said)), false, events);
    }

    @Test
    void waitsAsTheAnswerAsks() {
        assertThat(wait("7")).contains(Duration.ofSeconds(7));
        assertThat(wait("Fri, 21 Aug 2026 10:00:30 GMT")).contains(Duration.ofSeconds(30));
        assertThat(wait("Fri, 21 Aug 2026 09:00:00 GMT")).contains(Duration.ZERO);
        assertThat(wait("soon")).isEmpty();
        assertThat(wait("99999999999999999999")).isEmpty();
        assertThat(wait("-1")).isEmpty();
    }

    @Test
    void takesTheWordOfWhoKnowsEachEvent() {
        // Given
        List<Outcome> each = List.of(new Outcome.Delivered(200), Retry.of(500, "x"));
        var error =
                new CamelExchangeException(
                        "split failed", EXCHANGE, new DeliveryException("some", each));
        // When
        List<Outcome> found = outcomes.of(error, false, 2);
        // Then
        assertThat(found).isEqualTo(each);
    }

    @Test
    void survivesErrorsThatCauseEachOther() {
        // Given
        var one = new RuntimeException("one");
        one.initCause(new RuntimeException("other", one));
        // When
        List<Outcome> found = outcomes.of(one, false, 1);
        // Then
        assertThat(found).hasOnlyElementsOfType(Retry.class);
    }

    @Test
    void keepsReasonsShortAndOnOneLine() {
        // Given
        var error = new IllegalStateException("a\r\n\tb\u0000c" + "x".repeat(10_000));
        // When
        Retry found = (Retry) outcomes.of(error, false, 1).get(0);
        // Then
        assertThat(found.said()).startsWith("a b cxx").hasSize(303);
    }

    @Test
    void namesAnErrorWithoutWhatItsMessageMayQuoteOfTheEvent() {
        // Given
        var conversion = new IllegalArgumentException("cannot convert ada@x.org");
        var clash = new SQLException("duplicate entry 'ada@x.org'", "23505");
        var network = new ConnectException("connect to crm:443 refused");
        // When, Then
        assertThat(outcomes.of(conversion, false, 1))
                .containsExactly(
                        new Refused(
                                0, "IllegalArgumentException", true, "cannot convert ada@x.org"));
        assertThat(outcomes.of(clash, false, 1))
                .containsExactly(
                        new Refused(0, "SQLException 23505", true, "duplicate entry 'ada@x.org'"));
        assertThat(outcomes.of(network, false, 1))
                .containsExactly(Retry.of(0, "ConnectException: connect to crm:443 refused"));
        assertThat(outcomes.of(http(422, Map.of(), "ada@x.org is taken"), false, 1))
                .containsExactly(new Refused(422, "answered 422", true, "ada@x.org is taken"));
    }

    private Optional<Duration> wait(String retryAfter) {
        return ((Retry)
                        outcomes.of(http(429, Map.of("retry-after", retryAfter), ""), false, 1)
                                .get(0))
                .after();
    }

    private static HttpOperationFailedException http(
            int status, Map<String, String> headers, String body) {
        return new HttpOperationFailedException(
                "http://crm/secret?key=1", status, "text", null, headers, body);
    }
}
