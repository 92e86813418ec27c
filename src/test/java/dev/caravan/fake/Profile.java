package dev.caravan.fake;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The living state of one person; {@link StoredPerson} is its picture. Guarded by the workspace.
 */
final class Profile {

    final String cioId;
    final Map<String, JsonNode> attributes = new LinkedHashMap<>();
    final Map<String, StoredDevice> devices = new LinkedHashMap<>();
    final Set<String> anonymousIds = new LinkedHashSet<>();
    final List<StoredEvent> events = new ArrayList<>();
    String id = "";
    String email = "";

    Profile(String cioId) {
        this.cioId = cioId;
    }

    /** Returns what a test would call this person. */
    String name() {
        return !id.isEmpty() ? id : !email.isEmpty() ? email : "cio_" + cioId;
    }

    StoredPerson picture() {
        return new StoredPerson(
                cioId,
                id,
                email,
                new LinkedHashMap<>(attributes),
                List.copyOf(devices.values()),
                new LinkedHashSet<>(anonymousIds));
    }

    List<StoredEvent> eventsInOrder() {
        return events.stream()
                .map(event -> event.ownedBy(name()))
                .sorted(Comparator.comparingLong(StoredEvent::sequence))
                .toList();
    }
}
