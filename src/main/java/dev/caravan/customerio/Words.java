package dev.caravan.customerio;

import dev.caravan.delivery.Outcome;
import java.util.List;

/**
 * Says what went wrong, for the log of a plain Camel application. What Customer.io answered is left
 * out, since it may repeat a person's data; the outcomes have it.
 */
final class Words {
    private Words() {}

    /** The message for a report in which not every event was taken. */
    static String of(List<Outcome> outcomes) {
        List<Outcome> failed =
                outcomes.stream().filter(o -> !(o instanceof Outcome.Delivered)).toList();
        return "%d of %d events not delivered to Customer.io, the first because: %s"
                .formatted(failed.size(), outcomes.size(), why(failed.get(0)));
    }

    private static String why(Outcome outcome) {
        if (outcome instanceof Outcome.Retry retry) {
            return retry.status() == 0
                    ? retry.reason()
                    : "it answered %d; the same may succeed later".formatted(retry.status());
        } else if (outcome instanceof Outcome.Refused refused) {
            return refused.status() == 0
                    ? refused.reason()
                    : "it refused %s with %d"
                            .formatted(
                                    refused.whole() ? "the request" : "the event",
                                    refused.status());
        } else if (outcome instanceof Outcome.Paused paused) {
            return "it answered %d; key, region and address must be right"
                    .formatted(paused.status());
        }
        return outcome.toString();
    }
}
