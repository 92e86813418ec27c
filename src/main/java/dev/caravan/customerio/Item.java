package dev.caravan.customerio;

import dev.caravan.delivery.Outcome;
import dev.caravan.event.Call;
import org.jspecify.annotations.Nullable;

/**
 * One event of a body: either ready to be sent, or refused here, because Customer.io would.
 *
 * @param call null if refused
 * @param json the event in UTF-8, empty if refused
 * @param refusal why it must not be sent, null if it may
 */
record Item(@Nullable Call call, byte[] json, Outcome.@Nullable Refused refusal) {
    private static final byte[] NOTHING = {};

    static Item ready(Call call, byte[] json) {
        return new Item(call, json, null);
    }

    /** One that breaks a rule; the reason names field and rule, and no value. */
    static Item refused(String reason) {
        return new Item(null, NOTHING, new Outcome.Refused(0, reason, false));
    }

    @Override
    public String toString() {
        return refusal == null ? call + " of " + json.length + " bytes" : "refused";
    }
}
