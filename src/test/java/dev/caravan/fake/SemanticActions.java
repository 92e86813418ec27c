package dev.caravan.fake;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Does what a semantic event asks for. Guarded by the workspace. */
final class SemanticActions {

    private static final Set<String> PLATFORMS = Set.of("ios", "android");

    private final People people;
    private final ObjectStore objects;
    private final List<StoredMetric> metrics = new ArrayList<>();

    SemanticActions(People people, ObjectStore objects) {
        this.people = people;
        this.objects = objects;
    }

    /** Whether the call is the one that a suppressed person may still make. */
    static boolean frees(Item item) {
        return item.type() == CallType.TRACK
                && SemanticEvent.of(item)
                        .filter(SemanticEvent.USER_UNSUPPRESSED::equals)
                        .isPresent();
    }

    List<StoredMetric> metrics() {
        return List.copyOf(metrics);
    }

    /** Returns why the event had no effect, or nothing if it had one. */
    Optional<String> perform(SemanticEvent meaning, Item item, Instant now) {
        List<String> lacking = meaning.lacks(item);
        if (!lacking.isEmpty()) {
            return Optional.of(String.join("; ", lacking));
        }
        return switch (meaning) {
            case USER_DELETED -> delete(item.userId());
            case USER_SUPPRESSED -> suppress(item.userId());
            case USER_UNSUPPRESSED -> {
                people.unsuppress(item.userId());
                yield Optional.empty();
            }
            case DEVICE_UPSERTED, APPLICATION_INSTALLED, APPLICATION_OPENED ->
                    upsertDevice(item, now);
            case DEVICE_DELETED, APPLICATION_UNINSTALLED -> deleteDevice(item);
            case RELATIONSHIP_DELETED -> deleteRelationship(item);
            case OBJECT_DELETED -> {
                ObjectKey.in(item.properties()).ifPresent(objects::delete);
                yield Optional.empty();
            }
            case DELIVERY_REPORTED -> report(item, "metric", now);
            case CONTENT_REPORTED -> report(item, "actionType", now);
        };
    }

    private Optional<String> delete(String userId) {
        Optional<Profile> person = people.find(userId);
        person.ifPresent(
                found -> {
                    people.remove(found);
                    objects.forget(found);
                });
        return person.isPresent() ? Optional.empty() : Optional.of("no such person");
    }

    private Optional<String> suppress(String userId) {
        people.suppress(userId);
        delete(userId);
        return Optional.empty();
    }

    private Optional<String> upsertDevice(Item item, Instant now) {
        String token = SemanticEvent.deviceToken(item);
        String platform = Item.textOf(item.context().path("device"), "type");
        if (item.userId().isEmpty() || token.isEmpty() || !PLATFORMS.contains(platform)) {
            return Optional.of("a device needs userId, a token and the type ios or android");
        }
        StoredDevice device =
                new StoredDevice(
                        token,
                        platform,
                        item.occurredAt(now),
                        Item.textOf(item.context().path("app"), "version"),
                        RawJson.of(item.properties()));
        people.findOrCreate(item.userId()).ifPresent(p -> p.devices.put(token, device));
        return Optional.empty();
    }

    private Optional<String> deleteDevice(Item item) {
        String token = SemanticEvent.deviceToken(item);
        boolean found =
                people.find(item.userId()).map(person -> person.devices.remove(token)).isPresent();
        return found ? Optional.empty() : Optional.of("no such device");
    }

    private Optional<String> deleteRelationship(Item item) {
        Optional<Profile> person = people.find(item.userId());
        Optional<ObjectKey> object = ObjectKey.in(item.properties());
        if (person.isEmpty() || object.isEmpty()) {
            return Optional.of("no such person");
        }
        objects.unrelate(new ObjectStore.Tie(object.get(), person.get().cioId, true));
        return Optional.empty();
    }

    private Optional<String> report(Item item, String wordField, Instant now) {
        ObjectNode properties = item.properties();
        metrics.add(
                new StoredMetric(
                        Item.textOf(properties, wordField),
                        Item.textOf(properties, "deliveryId"),
                        item.anonymousId(),
                        item.occurredAt(now),
                        item.raw()));
        return Optional.empty();
    }
}
