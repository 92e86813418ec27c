package dev.caravan.journal;

import dev.caravan.event.Event;
import dev.caravan.event.Meaning;
import dev.caravan.event.Traces;

/**
 * The question whether an event is erased. The index answers for a hash, this for an event: it goes
 * through the event's names, and those of things only where things were erased.
 */
final class Reach {
    private Reach() {}

    /** Knows of each hashed name how far it is erased. */
    interface Known {
        /** The id of an erasure that reaches the name there, 0 if none does. */
        long reaching(long hash, long at, long sequence);

        /** Whether devices, objects or relationships were ever erased. */
        boolean hasThings();
    }

    /**
     * Asks for an event.
     *
     * @return the id of an erasure that reaches it, 0 if none does
     */
    static long of(Event event, long sequence, long receivedMillis, Known known, ErasureKey key) {
        if (event.meaning().destructive()) {
            return 0;
        }
        long at = Math.min(event.occurredAt().toEpochMilli(), receivedMillis);
        var question = new Question(at, sequence, known, key);
        if (event.meaning() == Meaning.USER_UNSUPPRESSED) {
            return ofUnsuppressed(event, question);
        }
        if (!Traces.ofPerson(event, question) && known.hasThings()) {
            Traces.ofThings(event, question);
        }
        return question.id;
    }

    /**
     * Asks for an event that is to be sent out of its order: lifting a suppression is too late then
     * if a later one stands.
     */
    static long ofOneSentAgain(Entry entry, Known known, ErasureKey key) {
        Event event = entry.event();
        long received = entry.receivedAt().toEpochMilli();
        return event.meaning() == Meaning.USER_UNSUPPRESSED
                ? ofOlderUnsuppressed(event, entry.sequence(), received, known, key)
                : of(event, entry.sequence(), received, known, key);
    }

    /**
     * Asks whether lifting a suppression is of someone who was erased after it: it was still to be
     * sent, but when all destinations have it, it is a copy like any other.
     */
    static long ofOlderUnsuppressed(
            Event event, long sequence, long receivedMillis, Known known, ErasureKey key) {
        long at = Math.min(event.occurredAt().toEpochMilli(), receivedMillis);
        var question = new Question(at, sequence, known, key);
        Traces.ofPerson(event, question);
        return question.id;
    }

    /**
     * Lifting a suppression brings nothing of the person back, and must reach the destination. Only
     * one that is older than the suppression, and came in behind it, is too late.
     */
    private static long ofUnsuppressed(Event event, Question question) {
        Traces.ofPerson(event, question);
        return question.id != 0 && question.sequence > question.id && question.isBeforeCutOff
                ? question.id
                : 0;
    }

    private static final class Question implements Traces.Visitor {
        final long at;
        final long sequence;
        private final Known known;
        private final ErasureKey key;
        long id;
        boolean isBeforeCutOff;

        Question(long at, long sequence, Known known, ErasureKey key) {
            this.at = at;
            this.sequence = sequence;
            this.known = known;
            this.key = key;
        }

        @Override
        public boolean found(long name) {
            long hash = key.hash(name);
            id = known.reaching(hash, at, sequence);
            // behind every sequence only the time is left to say so
            isBeforeCutOff = id != 0 && known.reaching(hash, at, Extent.OPEN) != 0;
            return id != 0;
        }
    }
}
