package dev.caravan.customerio;

import dev.caravan.delivery.Outcome;
import dev.caravan.event.Call;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One event of a body: either ready to be sent, or refused here, because Customer.io would.
 *
 * @param call null if refused
 * @param json the event in UTF-8, empty if refused
 * @param refusal why it must not be sent, null if it may
 * @param stopped says, whenever it is asked, by which rule it must not be sent any longer
 */
record Item(
        @Nullable Call call,
        byte[] json,
        Outcome.@Nullable Refused refusal,
        Supplier<Optional<String>> stopped) {
    private static final byte[] NOTHING = {};

    static Item ready(Call call, byte[] json) {
        return new Item(call, json, null, Optional::empty);
    }

    /** The same, but for this to be asked before it is sent. */
    Item stoppedBy(Supplier<Optional<String>> stopped) {
        return new Item(call, json, refusal, stopped);
    }

    /** One that breaks a rule; the reason names field and rule, and no value. */
    static Item refused(String reason) {
        return new Item(null, NOTHING, new Outcome.Refused(0, reason, false), Optional::empty);
    }

    @Override
    public String toString() {
        return refusal == null ? call + " of " + json.length + " bytes" : "refused";
    }
}
