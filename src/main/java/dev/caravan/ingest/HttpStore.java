package dev.caravan.ingest;

import dev.caravan.event.NotJsonException;
import dev.caravan.event.Origin;
import dev.caravan.event.Reading;
import dev.caravan.event.Reading.Rule;
import dev.caravan.event.Source;
import dev.caravan.journal.Appended;
import dev.caravan.journal.Appended.SetAside;
import dev.caravan.journal.JournalUnavailableException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncProcessorSupport;
import org.jspecify.annotations.Nullable;

/**
 * The step of the HTTP door: asks who calls, reads the events and stores them, then answers. One
 * step and not three, for the next is called from within the one before, and the JIT compiler would
 * make one of all, in 150 MB. Holds no thread while the journal writes. While the journal cannot
 * store, tries again for {@link #PATIENCE_MILLIS}, and answers 503 if it still cannot.
 */
public final class HttpStore extends AsyncProcessorSupport {
    static final long PATIENCE_MILLIS = 5_000;
    private static final long PAUSE_MILLIS = 250;

    private final Callers callers;
    private final Intake intake;

    public HttpStore(Keys keys, Intake intake) {
        this.callers = new Callers(keys);
        this.intake = intake;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        try {
            HttpCall call = HttpCall.of(exchange);
            Optional<Source> source = callers.source(call);
            if (source.isEmpty()) {
                callers.refusal().give(exchange);
            } else if (call.holdRoom()) {
                store(call, source.get(), exchange, callback);
                return false;
            } else {
                Answer.UNAVAILABLE.give(exchange);
            }
        } catch (NotJsonException e) {
            Answer.invalid(List.of(e.getMessage())).give(exchange);
        } catch (RuntimeException e) {
            exchange.setException(e);
        }
        callback.done(true);
        return true;
    }

    private void store(HttpCall call, Source source, Exchange exchange, AsyncCallback callback)
            throws NotJsonException {
        String ip = source.open() ? call.ip() : null;
        Origin origin = intake.live(source).with(call.call(), null, null, null, ip);
        List<Reading> readings = intake.read(call.envelope(), origin);
        call.forgetBody();
        exchange.getMessage().setBody(null);
        new Storing(call, exchange, callback, origin, readings).start();
    }

    /** One submission until it is answered; all on the connection's thread. */
    private final class Storing {
        private final HttpCall call;
        private final Exchange exchange;
        private final AsyncCallback callback;
        private final Origin origin;
        private final List<Reading> readings;
        private long deadline = -1;
        private long sinceMillis;
        private boolean answered;

        Storing(
                HttpCall call,
                Exchange exchange,
                AsyncCallback callback,
                Origin origin,
                List<Reading> readings) {
            this.call = call;
            this.exchange = exchange;
            this.callback = callback;
            this.origin = origin;
            this.readings = readings;
        }

        void start() {
            deadline = call.later(PATIENCE_MILLIS, () -> answer(Answer.UNAVAILABLE));
            attempt();
        }

        private void attempt() {
            intake.append(origin, call.place(), readings, call.strict())
                    .whenComplete(
                            (appended, failure) -> call.resume(() -> ended(appended, failure)));
        }

        private void ended(@Nullable Appended appended, @Nullable Throwable failure) {
            if (answered) {
                return;
            }
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null
                            ? failure.getCause()
                            : failure;
            if (cause == null && appended != null) {
                answer(stored(appended));
            } else if (cause instanceof InvalidItemsException invalid) {
                answer(Answer.invalid(invalid.items().stream().map(this::reason).toList()));
            } else if (cause instanceof JournalUnavailableException) {
                sinceMillis += PAUSE_MILLIS;
                if (sinceMillis < PATIENCE_MILLIS) {
                    call.later(PAUSE_MILLIS, this::attemptUnlessAnswered);
                }
            } else {
                exchange.setException(cause);
                answer(Answer.FAILED); // the consumer sees the exception and says so in the log
            }
        }

        private void attemptUnlessAnswered() {
            if (!answered) {
                attempt();
            }
        }

        private Answer stored(Appended appended) {
            if (!call.batch() && appended.setAside().size() == 1 && destructive(readings.get(0))) {
                return Answer.keptAsDeadLetter(appended);
            }
            return Answer.ok(appended);
        }

        private String reason(SetAside item) {
            return call.batch()
                    ? "batch[%d]: %s".formatted(item.index(), item.reason())
                    : item.reason();
        }

        private void answer(Answer answer) {
            if (!answered) {
                answered = true;
                call.stop(deadline);
                answer.give(exchange);
                callback.done(false);
            }
        }
    }

    /** Whether this asks, or almost asks, for something to be removed. */
    private static boolean destructive(Reading reading) {
        if (reading instanceof Reading.Accepted accepted) {
            return accepted.event().meaning().destructive();
        }
        Rule rule = ((Reading.SetAside) reading).rule();
        return rule == Rule.NEAR_MISS || rule == Rule.INCOMPLETE || rule == Rule.NEEDS_APPROVAL;
    }
}
