package dev.caravan.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the accepted calls came to: persons, objects, relationships, events. Safe for use by many
 * threads.
 */
final class Workspace {

    private static final String SUPPRESSED = "the person is suppressed";

    private final Switches switches;
    private final People people = new People();
    private final ObjectStore objects = new ObjectStore();
    private final AnonymousStore anonymous = new AnonymousStore();
    private final SemanticActions actions = new SemanticActions(people, objects);
    private final PersonMerge merging = new PersonMerge(people, objects);
    private long sequence;

    Workspace(Switches switches) {
        this.switches = switches;
    }

    /**
     * Lets the call act.
     *
     * @param messageId the call's own or the one minted for it
     * @return why the call had no effect, or nothing if it had one
     */
    synchronized Optional<String> apply(Item item, String messageId, Instant now) {
        if (people.isSuppressed(item.userId()) && !SemanticActions.frees(item)) {
            return Optional.of(SUPPRESSED);
        }
        return switch (item.type()) {
            case IDENTIFY -> identify(item, now);
            case TRACK -> track(item, messageId, now);
            case PAGE -> {
                String url = Item.textOf(item.properties(), "url");
                yield store(item, url, "properties.url", messageId, now);
            }
            case SCREEN -> store(item, item.text("name").strip(), "name", messageId, now);
            case GROUP -> group(item);
            case ALIAS -> merging.merge(item.userId(), item.text("previousId"), now);
        };
    }

    synchronized Optional<StoredPerson> person(String identifier) {
        return people.find(identifier).map(Profile::picture);
    }

    synchronized List<StoredPerson> persons() {
        return people.all().stream().map(Profile::picture).toList();
    }

    synchronized Set<String> suppressed() {
        return people.suppressedIdentifiers();
    }

    synchronized List<StoredEvent> eventsOf(String identifier) {
        return people.find(identifier).map(Profile::eventsInOrder).orElse(List.of());
    }

    synchronized List<StoredEvent> anonymousEventsOf(String anonymousId, Instant now) {
        return anonymous.eventsOf(anonymousId, now);
    }

    synchronized List<StoredEvent> events(Instant now) {
        Stream<StoredEvent> known = people.all().stream().flatMap(p -> p.eventsInOrder().stream());
        return Stream.concat(known, anonymous.all(now).stream())
                .sorted(Comparator.comparingLong(StoredEvent::sequence))
                .toList();
    }

    synchronized List<StoredObject> objects() {
        return objects.pictures();
    }

    synchronized List<StoredRelationship> relationships() {
        return objects.relationships(people);
    }

    synchronized List<StoredMetric> metrics() {
        return actions.metrics();
    }

    private Optional<String> identify(Item item, Instant now) {
        ObjectNode traits = item.traits();
        String email = Item.textOf(traits, "email");
        String identifier = item.userId().isEmpty() ? email : item.userId();
        if (identifier.isEmpty()) {
            return Optional.of("an anonymous identify creates no profile");
        }
        if (people.isSuppressed(email)) {
            return Optional.of(SUPPRESSED);
        }
        Optional<Profile> person = resolve(identifier, email);
        if (person.isEmpty()) {
            return Optional.of(
                    "attribute update failure: " + identifier + " cannot have that email");
        }
        updateProfile(person.get(), traits);
        if (!item.anonymousId().isEmpty()) {
            reconcile(person.get(), item.anonymousId(), now);
        }
        return Optional.empty();
    }

    /**
     * Finds or makes the person; a new id that comes with a known email renames that email's
     * person.
     */
    private Optional<Profile> resolve(String identifier, String email) {
        Optional<Profile> holder = people.findByEmail(email);
        Optional<Profile> person = people.find(identifier);
        if (holder.isEmpty() || People.isEmail(identifier) && identifier.equalsIgnoreCase(email)) {
            return people.findOrCreate(identifier);
        }
        if (person.isPresent()) {
            return person.filter(found -> found == holder.get());
        }
        if (People.isEmail(identifier) || identifier.startsWith("cio_")) {
            return Optional.empty();
        }
        people.setId(holder.get(), identifier);
        return holder;
    }

    private void updateProfile(Profile person, ObjectNode traits) {
        JsonNode email = traits.get("email");
        boolean removable = !person.id.isEmpty();
        if (email != null && (removable || !email.asText("").isBlank())) {
            people.setEmail(person, email.isNull() ? "" : email.asText().strip());
        }
        Attributes.applyPersonTraits(traits, person.attributes);
        ObjectKey.in(traits)
                .ifPresent(key -> relate(new ObjectStore.Tie(key, person.cioId, true), traits));
    }

    private void reconcile(Profile person, String anonymousId, Instant now) {
        if (!anonymous.mayClaim(anonymousId, person)) {
            return;
        }
        person.attributes.put("anonymous_id", TextNode.valueOf(anonymousId));
        boolean merging = switches.anonymousMerging();
        if (anonymous.claim(anonymousId, person, now, merging) && merging) {
            objects.adopt(anonymousId, person);
        }
    }

    private Optional<String> track(Item item, String messageId, Instant now) {
        Optional<SemanticEvent> meaning = SemanticEvent.of(item);
        if (meaning.isEmpty()) {
            return store(item, item.event(), "event", messageId, now);
        }
        Optional<String> why = actions.perform(meaning.get(), item, now);
        return meaning.get().isLifecycle() && switches.lifecycleEventsStored()
                ? store(item, item.event(), "event", messageId, now)
                : why;
    }

    private Optional<String> store(
            Item item, String name, String nameField, String messageId, Instant now) {
        if (item.userId().isEmpty() && item.anonymousId().isEmpty()) {
            return Optional.of("the workspace takes no event that belongs to a group only");
        }
        if (name.isEmpty()) {
            return Optional.of("the destination needs " + nameField);
        }
        StoredEvent event = event(item, name, messageId, now);
        if (!switches.keepItems()) {
            return Optional.empty();
        }
        if (!item.userId().isEmpty()) {
            Optional<Profile> owner = people.findOrCreate(item.userId());
            owner.ifPresent(person -> person.events.add(event));
            return owner.isPresent() ? Optional.empty() : Optional.of("no such cio_id");
        }
        Optional<Profile> heir =
                anonymous.heirOf(item.anonymousId(), now).flatMap(people::findByCioId);
        if (heir.isPresent() && AnonymousStore.isKept(event, now)) {
            heir.get().events.add(AnonymousStore.moved(event, now));
        } else {
            anonymous.keep(event);
        }
        return Optional.empty();
    }

    private StoredEvent event(Item item, String name, String messageId, Instant now) {
        return new StoredEvent(
                ++sequence,
                item.type().word(),
                name,
                "",
                item.anonymousId(),
                messageId,
                item.occurredAt(now),
                now,
                false,
                !item.userId().isEmpty(),
                item.raw());
    }

    private Optional<String> group(Item item) {
        ObjectNode traits = item.traits();
        String type = ObjectKey.typeIn(traits).orElse("1");
        ObjectKey key = new ObjectKey(type, item.text("groupId"));
        objects.upsert(key, traits);
        if (!item.userId().isEmpty()) {
            people.findOrCreate(item.userId())
                    .ifPresent(p -> relate(new ObjectStore.Tie(key, p.cioId, true), traits));
        } else if (!item.anonymousId().isEmpty()) {
            relate(new ObjectStore.Tie(key, item.anonymousId(), false), traits);
        }
        return Optional.empty();
    }

    private void relate(ObjectStore.Tie tie, ObjectNode traits) {
        objects.relate(
                tie,
                traits.get("relationshipAttributes") instanceof ObjectNode attributes
                        ? attributes
                        : traits.objectNode());
    }
}
