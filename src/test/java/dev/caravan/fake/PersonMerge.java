package dev.caravan.fake;

import java.time.Instant;
import java.util.Optional;

/** Merges two persons for an alias; devices and relationships are not on the list of what moves. */
final class PersonMerge {

    private final People people;
    private final ObjectStore objects;

    PersonMerge(People people, ObjectStore objects) {
        this.people = people;
        this.objects = objects;
    }

    /**
     * Fills what is empty on the survivor, moves 30 days of events, which then trigger nothing, and
     * deletes the other.
     *
     * @return why nothing was merged, if so: one of them is missing, which is true of any
     *     anonymousId
     */
    Optional<String> merge(String primary, String secondary, Instant now) {
        Optional<Profile> into = people.find(primary);
        Optional<Profile> from = people.find(secondary);
        if (into.isEmpty() || from.isEmpty() || into.get() == from.get()) {
            return Optional.of("an alias needs two different persons who exist");
        }
        merge(into.get(), from.get(), now);
        return Optional.empty();
    }

    private void merge(Profile into, Profile from, Instant now) {
        people.remove(from);
        objects.forget(from);
        from.attributes.forEach(into.attributes::putIfAbsent);
        if (into.email.isEmpty()) {
            people.setEmail(into, from.email);
        }
        from.events.stream()
                .filter(event -> AnonymousStore.isKept(event, now))
                .forEach(event -> into.events.add(event.withoutCampaigns()));
    }
}
