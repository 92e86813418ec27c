package dev.caravan.console;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.customerio.Sandbox;
import dev.caravan.customerio.SandboxRequest;
import dev.caravan.event.Call;
import dev.caravan.event.Event;
import dev.caravan.event.Json;
import dev.caravan.event.Meaning;
import dev.caravan.event.Timestamps;
import dev.caravan.journal.Entry;
import dev.caravan.journal.Journal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes out of the sandbox what was erased after it was sent there, by the same question as it is
 * taken out of the journal. The deletion itself stays there to be looked at.
 */
final class SandboxCopies implements Runnable {
    private final Sandbox sandbox;
    private final Journal journal;

    SandboxCopies(Sandbox sandbox, Journal journal) {
        this.sandbox = sandbox;
        this.journal = journal;
    }

    @Override
    public void run() {
        sandbox.remove(this::isErased);
    }

    private boolean isErased(SandboxRequest request, JsonNode item) {
        Event event = event(request, item);
        // First as if it had come before everything, which is quick and says no of nearly all.
        if (event == null || !isErased(event, request.at(), 1)) {
            return false;
        }
        // What was sent then was accepted before; a later erasure than that one has it.
        return isErased(event, request.at(), journal.firstReceivedAt(request.at()) - 1);
    }

    private boolean isErased(Event event, Instant at, long sequence) {
        return journal.erasures()
                .reaching(new Entry(sequence, "", at, 0, List.of(), event))
                .isPresent();
    }

    private static @Nullable Event event(SandboxRequest request, JsonNode item) {
        String path = request.path().substring(request.path().lastIndexOf('/') + 1);
        Call call = Call.ofType(item.path("type").asText(path)).orElse(null);
        if (call == null) {
            return null;
        }
        String name = text(item, "event");
        return new Event(
                call,
                call == Call.TRACK && name != null ? Meaning.ofName(name) : Meaning.ORDINARY,
                name,
                text(item, "userId"),
                text(item, "anonymousId"),
                "",
                Timestamps.parse(item.path("timestamp").asText()).orElse(request.at()),
                false,
                Json.toBytes(item));
    }

    private static @Nullable String text(JsonNode item, String field) {
        return item.path(field).isTextual() ? item.path(field).asText() : null;
    }
}
