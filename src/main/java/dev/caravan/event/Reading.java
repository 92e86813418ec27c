package dev.caravan.event;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of an item at a door. */
public sealed interface Reading {
    /**
     * An event.
     *
     * @param person whose order it keeps
     * @param joins other identifiers of {@code person} that this event makes known
     * @param claims other names by which an identify call says its user goes: e-mail, {@code cio_}
     * @param mayErase whether its source may erase, and so may say who else was erased
     * @param fingerprint of the item as received, so that the same id with other content is seen
     */
    record Accepted(
            Event event,
            PersonKey person,
            List<PersonKey> joins,
            List<PersonKey> claims,
            boolean mayErase,
            long fingerprint)
            implements Reading {
        public Accepted {
            requireNonNull(event, "event");
            requireNonNull(person, "person");
            joins = List.copyOf(joins);
            claims = List.copyOf(claims);
        }

        /** One of a source that may erase, which says no other name of its user. */
        public Accepted(Event event, PersonKey person, List<PersonKey> joins, long fingerprint) {
            this(event, person, joins, List.of(), true, fingerprint);
        }
    }

    /**
     * No event, or one that a person has to look at first.
     *
     * @param rule which rule said so
     * @param reason what to mend, for a person; names fields and rules, never values of the person
     * @param messageId the item's own or derived id, null if it has none: then it cannot be told
     *     from another of the same content
     * @param item the item as received
     * @param envelope what was said for the item outside of it, see {@link Origin#toJson}; empty if
     *     nothing was
     * @param place where exactly it stood, in words, such as a file's name, record and line; empty
     *     to go by what is said of the whole submission
     */
    record SetAside(
            Rule rule,
            String reason,
            @Nullable String messageId,
            byte[] item,
            byte[] envelope,
            String place)
            implements Reading {
        private static final byte[] NOTHING = {};

        /** An item that stands for itself. */
        public SetAside(Rule rule, String reason, @Nullable String messageId, byte[] item) {
            this(rule, reason, messageId, item, NOTHING);
        }

        /** One without a place of its own. */
        public SetAside(
                Rule rule,
                String reason,
                @Nullable String messageId,
                byte[] item,
                byte[] envelope) {
            this(rule, reason, messageId, item, envelope, "");
        }

        public SetAside {
            requireNonNull(place, "place");
            requireNonNull(rule, "rule");
            requireNonNull(reason, "reason");
            requireNonNull(item, "item");
            requireNonNull(envelope, "envelope");
        }

        /** The same in another place. */
        public SetAside withPlace(String other) {
            return new SetAside(rule, reason, messageId, item, envelope, other);
        }
    }

    /** Why an item is set aside. */
    enum Rule {
        /** It is no JSON, or breaks the shape of a call, or a limit. */
        INVALID,
        /** Its name is almost that of a destructive semantic event. */
        NEAR_MISS,
        /** A destructive semantic event lacks an identifier that it needs. */
        INCOMPLETE,
        /** A destructive semantic event of a public source. */
        NEEDS_APPROVAL,
        /** A destructive semantic event names an e-mail that several users have. */
        AMBIGUOUS,
        /** Its message id was taken before, by other content. */
        ID_REUSED
    }
}
