package dev.caravan.camel;

import com.fasterxml.jackson.core.JacksonException;
import dev.caravan.delivery.DeliveryException;
import dev.caravan.delivery.Outcome;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import java.io.CharConversionException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.apache.camel.ExchangeTimedOutException;
import org.apache.camel.ExpressionEvaluationException;
import org.apache.camel.ExpressionIllegalSyntaxException;
import org.apache.camel.FailedToCreateProducerException;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.InvalidPayloadRuntimeException;
import org.apache.camel.NoSuchBeanException;
import org.apache.camel.NoSuchEndpointException;
import org.apache.camel.NoSuchLanguageException;
import org.apache.camel.NoTypeConversionAvailableException;
import org.apache.camel.ResolveEndpointFailedException;
import org.apache.camel.TypeConversionException;
import org.apache.camel.ValidationException;
import org.apache.camel.component.direct.DirectConsumerNotAvailableException;
import org.apache.camel.component.file.GenericFileOperationFailedException;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.jspecify.annotations.Nullable;

/**
 * What the errors that Camel's components throw mean for a delivery. Of an error and its causes the
 * innermost that is in the table counts, since wrappers say less.
 *
 * <table>
 *   <caption>From error to outcome</caption>
 *   <tr><th>error</th><th>outcome</th></tr>
 *   <tr><td>{@link DeliveryException}, at any depth</td><td>what it says of each event; where it
 *       speaks of a part of the run only, as behind a split, the first retry or paused of them, or
 *       else refused, as a whole</td></tr>
 *   <tr><td>{@link HttpOperationFailedException}</td><td>by the status, {@code Retry-After} read:
 *       see {@link Outcome#ofStatus}; for a destructive run 404 and 410 are delivered: whoever is
 *       to be removed is not there</td></tr>
 *   <tr><td>{@link IOException} (refused or broken connections, unknown hosts, timeouts), {@link
 *       TimeoutException}, {@link ExchangeTimedOutException}, {@link RejectedExecutionException},
 *       {@link InterruptedException}</td><td>retry</td></tr>
 *   <tr><td>{@link CertificateException}: whom we reach is not who it should be</td>
 *       <td>paused</td></tr>
 *   <tr><td>{@link JMSException}</td><td>retry; {@link JMSSecurityException} and {@link
 *       InvalidDestinationException} paused; {@link MessageFormatException} and {@link
 *       MessageNotWriteableException} refused</td></tr>
 *   <tr><td>{@link SQLException}, by the class of its SQLSTATE</td><td>22 (data), 23 (constraints),
 *       54 (limits) refused; 28 (login), 3D and 3F (no such database, schema), 42 (no such table, no
 *       right, wrong statement), 0A (not supported) paused; all others, and none, retry</td></tr>
 *   <tr><td>{@link GenericFileOperationFailedException} (files, FTP, SFTP)</td><td>retry; FTP's 530
 *       (login) and 532, 550, 553 (no right, no such folder) paused</td></tr>
 *   <tr><td>{@link ValidationException}, {@link TypeConversionException}, {@link
 *       NoTypeConversionAvailableException}, {@link InvalidPayloadException}, {@link
 *       ExpressionEvaluationException}, {@link JacksonException}, {@link CharConversionException},
 *       {@link IllegalArgumentException}: the data is not what a step needs, and will not be the
 *       next time</td><td>refused, as a whole: the run is split until the guilty event is
 *       alone</td></tr>
 *   <tr><td>{@link NoSuchEndpointException}, {@link ResolveEndpointFailedException}, {@link
 *       FailedToCreateProducerException}, {@link DirectConsumerNotAvailableException}, {@link
 *       NoSuchBeanException}, {@link NoSuchLanguageException}, {@link
 *       ExpressionIllegalSyntaxException}, {@link LinkageError}: the route itself is at fault
 *       </td><td>paused</td></tr>
 *   <tr><td>anything else</td><td>retry</td></tr>
 * </table>
 *
 * <p>Why retry is the default: it loses nothing, whoever is at fault. An event that fails alone
 * while others are taken becomes a dead letter in time; where all fail, the destination counts as
 * down and every event waits. Refusing by default would make dead letters of good events whenever a
 * component has a bad minute.
 */
final class Outcomes {
    /** The route ended well, but nothing was sent and nobody said that this is right. */
    static final Outcome NOT_SENT =
            new Outcome.Refused(
                    0,
                    "route ended without a send: let it send the event, or say caravan:skip or caravan:delivered",
                    true);

    private static final int DEEPEST_CAUSE = 50;
    private static final int LONGEST_REASON = 300;
    private static final Set<Integer> FTP_NOT_ALLOWED = Set.of(530, 532, 550, 553);

    private final InstantSource clock;

    /**
     * Makes one.
     *
     * @param clock reads a {@code Retry-After} that is a date
     */
    Outcomes(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * One outcome for the whole run, or what a {@link DeliveryException} says of each event.
     *
     * @param destructive whether the run is to remove somebody
     * @param events how many the run has
     */
    List<Outcome> of(Throwable failure, boolean destructive, int events) {
        Deque<Throwable> innermostFirst = new ArrayDeque<>();
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Throwable next = failure;
        while (next != null && seen.add(next) && seen.size() <= DEEPEST_CAUSE) {
            if (next instanceof DeliveryException delivery) {
                return ofRun(delivery.outcomes(), events);
            }
            innermostFirst.push(next);
            next = next.getCause();
        }
        for (Throwable cause : innermostFirst) {
            Outcome outcome = known(cause, destructive);
            if (outcome != null) {
                return List.of(outcome);
            }
        }
        return List.of(retry(0, innermostFirst.getFirst()));
    }

    /**
     * What a part of the run came to says nothing of the others: they may have been taken, but
     * nobody tells which.
     */
    private static List<Outcome> ofRun(List<Outcome> outcomes, int events) {
        if (outcomes.size() == events) {
            return outcomes;
        }
        for (Outcome outcome : outcomes) {
            if (!outcome.settled()) {
                return List.of(outcome);
            }
        }
        for (Outcome outcome : outcomes) {
            if (outcome instanceof Outcome.Refused no) {
                return List.of(new Outcome.Refused(no.status(), no.reason(), true, no.said()));
            }
        }
        return outcomes;
    }

    private @Nullable Outcome known(Throwable error, boolean destructive) {
        if (error instanceof HttpOperationFailedException http) {
            return http(http, destructive);
        } else if (error instanceof SQLException sql) {
            return sql(sql);
        } else if (error instanceof JMSException jms) {
            return jms(jms);
        } else if (error instanceof GenericFileOperationFailedException file) {
            return FTP_NOT_ALLOWED.contains(file.getCode())
                    ? new Outcome.Paused(file.getCode(), reason(file), said(file))
                    : retry(file.getCode(), file);
        } else if (error instanceof CertificateException || isOfTheRoute(error)) {
            return paused(error);
        } else if (isOfTheData(error)) {
            return refused(error);
        } else if (isOfTheMoment(error)) {
            return retry(0, error);
        }
        return null;
    }

    private static boolean isOfTheMoment(Throwable error) {
        return error instanceof IOException
                || error instanceof TimeoutException
                || error instanceof ExchangeTimedOutException
                || error instanceof RejectedExecutionException
                || error instanceof InterruptedException;
    }

    private static boolean isOfTheData(Throwable error) {
        return error instanceof ValidationException
                || error instanceof TypeConversionException
                || error instanceof NoTypeConversionAvailableException
                || error instanceof InvalidPayloadException
                || error instanceof InvalidPayloadRuntimeException
                || error instanceof ExpressionEvaluationException
                || error instanceof JacksonException
                || error instanceof CharConversionException
                || error instanceof IllegalArgumentException;
    }

    private static boolean isOfTheRoute(Throwable error) {
        return error instanceof NoSuchEndpointException
                || error instanceof ResolveEndpointFailedException
                || error instanceof FailedToCreateProducerException
                || error instanceof DirectConsumerNotAvailableException
                || error instanceof NoSuchBeanException
                || error instanceof NoSuchLanguageException
                || error instanceof ExpressionIllegalSyntaxException
                || error instanceof LinkageError;
    }

    /** Whether an HTTP destination has answered that what it was asked for is not there. */
    static boolean isAbsence(Throwable error) {
        return error instanceof HttpOperationFailedException http
                && (http.getStatusCode() == 404 || http.getStatusCode() == 410);
    }

    private Outcome http(HttpOperationFailedException http, boolean destructive) {
        if (destructive && isAbsence(http)) {
            return new Outcome.Delivered(http.getStatusCode());
        }
        String body = http.getResponseBody();
        return Outcome.ofStatus(
                http.getStatusCode(),
                retryAfter(http.getResponseHeaders()),
                "answered " + http.getStatusCode(),
                body == null ? "" : cut(body.strip()));
    }

    private Optional<Duration> retryAfter(@Nullable Map<String, String> headers) {
        if (headers == null) {
            return Optional.empty();
        }
        return headers.entrySet().stream()
                .filter(header -> "Retry-After".equalsIgnoreCase(header.getKey()))
                .map(header -> header.getValue().strip())
                .findFirst()
                .flatMap(this::waitOf);
    }

    /** Seconds, or the date of HTTP; anything else is no answer. */
    private Optional<Duration> waitOf(String text) {
        if (text.matches("\\d{1,9}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
        }
        try {
            Instant until = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text));
            Duration wait = Duration.between(clock.instant(), until);
            return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static Outcome sql(SQLException sql) {
        String state = sql.getSQLState();
        String kind = state == null || state.length() < 2 ? "" : state.substring(0, 2);
        return switch (kind) {
            case "22", "23", "54" -> refused(sql);
            case "0A", "28", "3D", "3F", "42" -> paused(sql);
            default -> retry(0, sql);
        };
    }

    private static Outcome jms(JMSException jms) {
        if (jms instanceof JMSSecurityException || jms instanceof InvalidDestinationException) {
            return paused(jms);
        } else if (jms instanceof MessageFormatException
                || jms instanceof MessageNotWriteableException) {
            return refused(jms);
        }
        return retry(0, jms);
    }

    private static Outcome retry(int status, Throwable error) {
        return new Outcome.Retry(Optional.empty(), status, reason(error), said(error));
    }

    private static Outcome paused(Throwable error) {
        return new Outcome.Paused(0, reason(error), said(error));
    }

    private static Outcome refused(Throwable error) {
        return new Outcome.Refused(0, reason(error), true, said(error));
    }

    /**
     * The name of the error, SQL's with its state; of networks and of the route the message too,
     * which tells of addresses and steps. Others' messages may quote the event.
     */
    private static String reason(Throwable error) {
        String name = error.getClass().getSimpleName();
        if (error instanceof SQLException sql && sql.getSQLState() != null) {
            return name + " " + sql.getSQLState();
        }
        return isSafe(error) ? cut(withMessage(name, error)) : name;
    }

    private static String said(Throwable error) {
        String message = error.getMessage();
        return isSafe(error) || message == null ? "" : cut(message.strip());
    }

    private static String withMessage(String name, Throwable error) {
        String message = error.getMessage();
        return message == null || message.isBlank() ? name : name + ": " + message;
    }

    private static boolean isSafe(Throwable error) {
        return error instanceof SocketException
                || error instanceof SocketTimeoutException
                || error instanceof UnknownHostException
                || error instanceof SSLException
                || error instanceof CertificateException
                || error instanceof TimeoutException
                || error instanceof DirectConsumerNotAvailableException
                || error instanceof NoAddressException
                || error instanceof NoSuchBeanException
                || error instanceof NoSuchLanguageException
                || error instanceof LinkageError;
    }

    private static String cut(String text) {
        String line = text.replaceAll("[\\p{Cntrl}\\s]+", " ");
        return line.length() <= LONGEST_REASON ? line : line.substring(0, LONGEST_REASON) + "...";
    }
}
