package dev.caravan.ingest;

import dev.caravan.event.Envelope;
import dev.caravan.event.Json;
import dev.caravan.event.MessageIds;
import dev.caravan.event.Origin;
import dev.caravan.event.Reading;
import dev.caravan.event.Source;
import dev.caravan.format.BrokenException;
import dev.caravan.format.Formats;
import dev.caravan.format.RecordReader;
import dev.caravan.journal.Appended;
import dev.caravan.journal.DeadLetter;
import dev.caravan.journal.DeadLetters;
import dev.caravan.journal.Decision;
import dev.caravan.mapping.Made;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Sends dead letters of doors through the door again, after a person has mended what was wrong, or
 * has looked at what needs approval: doing so is the approval. Of nothing else is it: an item that
 * was set aside for another reason, and turns out to need approval, is held for it then. What is an
 * event by now is stored, the same as it would have been at first, as of the time it came in; what
 * is not stays a dead letter with the reason of today.
 */
public final class Resubmission {
    private static final byte[] NOTHING_SAID = {};

    private final Intake intake;
    private final DeadLetters letters;
    private final Sources sources;

    /** Makes one that asks a person before whatever erases, whoever it came from. */
    public Resubmission(Intake intake, DeadLetters letters) {
        this(intake, letters, name -> new Source(name, false));
    }

    /**
     * Makes one.
     *
     * @param sources which of them may erase without approval, as configured
     */
    public Resubmission(Intake intake, DeadLetters letters, Sources sources) {
        this.intake = intake;
        this.letters = letters;
        this.sources = sources;
    }

    /**
     * Sends one again. A crash in between leaves the dead letter; sending it again then stores
     * nothing twice.
     *
     * @param operator who sends it, kept where that is a decision to erase
     * @return completes with null when it is an event on disk and no dead letter any longer, or
     *     with the reason why it still is one ; fails with {@link NoSuchElementException} if it is
     *     gone
     * @throws IllegalArgumentException if it is not of a door
     */
    public CompletableFuture<@Nullable String> retry(DeadLetter letter, String operator) {
        return letters.item(letter.id())
                .map(item -> retry(letter, item, operator))
                .orElseGet(() -> CompletableFuture.failedFuture(gone(letter)));
    }

    private static NoSuchElementException gone(DeadLetter letter) {
        return new NoSuchElementException("there is no dead letter " + letter.id());
    }

    /** Sends one again as a person has mended it. */
    public CompletableFuture<@Nullable String> retry(
            DeadLetter letter, byte[] item, String operator) {
        if (letter.destination() != null) {
            throw new IllegalArgumentException(
                    "dead letter %d is not of a door".formatted(letter.id()));
        }
        List<Reading> readings;
        try {
            readings = read(letter, item);
        } catch (IOException e) { // no JSON, no record, or no mapping
            return refused(letter, String.valueOf(e.getMessage()));
        }
        for (Reading reading : readings) {
            if (reading instanceof Reading.SetAside still && !isNewlyHeld(letter, still)) {
                return refused(letter, still.reason());
            }
        }
        if (readings.isEmpty()) { // a mapping leaves it out by now
            return letters.remove(letter.id()).thenApply(nothing -> null);
        }
        Origin now = intake.live(source(letter));
        return intake.append(now, letter.place(), readings, order(letter, readings, operator))
                .thenCompose(appended -> settle(letter, appended));
    }

    /** What is worth keeping of who sends it: that it was approved, or erases. */
    private static Decision.@Nullable Order order(
            DeadLetter letter, List<Reading> readings, String operator) {
        return isHeld(letter) || readings.stream().anyMatch(Resubmission::erases)
                ? new Decision.Order(Decision.What.APPROVED, operator, letter.rule(), letter.id())
                : null;
    }

    private static boolean erases(Reading reading) {
        return reading instanceof Reading.Accepted accepted
                && accepted.event().meaning().destructive();
    }

    private List<Reading> read(DeadLetter letter, byte[] item) throws IOException {
        MessageIds ids =
                letter.messageId() == null
                        ? MessageIds.derived(letter.source(), "dead letter " + letter.id())
                        : new SameId(letter.messageId());
        byte[] said = letters.envelope(letter.id()).orElse(NOTHING_SAID);
        Origin origin = Origin.of(source(letter), letter.at(), ids, letter.at()).saying(said);
        Optional<RecordEnvelope> record = RecordEnvelope.read(said);
        if (record.isPresent()) {
            return read(record.get(), item, origin);
        }
        Envelope envelope = Envelope.parse(item, 0, item.length, Envelope.Shape.SINGLE, 1);
        return intake.read(envelope, origin);
    }

    /** Makes events of a record again, by the mapping as it is now. */
    private List<Reading> read(RecordEnvelope record, byte[] item, Origin origin)
            throws IOException {
        RecordReader alone = Formats.alone(record.description(), item);
        RecordReader.Fault fault = alone.fault();
        if (fault != null) {
            throw new BrokenException(
                    fault.column() == null
                            ? fault.reason()
                            : "column '%s': %s".formatted(fault.column(), fault.reason()));
        }
        Object value = alone.value();
        Formats.requireEnd(alone);
        List<byte[]> events = events(record.mapping(), value);
        if (record.event() < 0) {
            List<Reading> readings = new ArrayList<>();
            for (int i = 0; i < events.size(); i++) {
                readings.add(intake.read(events.get(i), origin.with(origin.ids().ofEvent(i))));
            }
            return readings;
        } else if (events.size() > 0 && record.event() >= events.size()) {
            throw new BrokenException(
                    "the mapping makes only %d events of the record by now, and this was number %d"
                            .formatted(events.size(), record.event() + 1));
        }
        return events.isEmpty()
                ? List.of()
                : List.of(intake.read(events.get(record.event()), origin));
    }

    private List<byte[]> events(@Nullable String mapping, @Nullable Object value)
            throws IOException {
        if (mapping == null) {
            return List.of(Json.toBytes(value));
        }
        List<Made> made = intake.mapping(mapping).events(value);
        if (made.get(0) instanceof Made.Rejected) {
            throw new BrokenException(MappedReader.reasons(made));
        }
        return made.stream()
                .filter(Made.Item.class::isInstance)
                .map(one -> ((Made.Item) one).json())
                .toList();
    }

    private Source source(DeadLetter letter) {
        return isHeld(letter) ? new Source(letter.source(), true) : sources.named(letter.source());
    }

    private static boolean isHeld(DeadLetter letter) {
        return letter.rule().equals(Reading.Rule.NEEDS_APPROVAL.name());
    }

    /** Whether it takes a new dead letter, of the rule by which a person can approve it. */
    private static boolean isNewlyHeld(DeadLetter letter, Reading.SetAside still) {
        return still.rule() == Reading.Rule.NEEDS_APPROVAL && !isHeld(letter);
    }

    private CompletableFuture<@Nullable String> settle(DeadLetter letter, Appended appended) {
        if (appended.setAside().isEmpty()) {
            return letters.remove(letter.id()).thenApply(nothing -> null);
        }
        String reason = appended.setAside().get(0).reason();
        return letter.rule().equals(Reading.Rule.ID_REUSED.name())
                ? refused(letter, reason)
                : letters.remove(letter.id()).thenApply(nothing -> reason); // a new one says so
    }

    private CompletableFuture<@Nullable String> refused(DeadLetter letter, String reason) {
        return letters.update(letter.id(), reason, 0, letter.attempts() + 1)
                .thenApply(nothing -> reason);
    }

    /** The id that the item had the first time. */
    private record SameId(String id) implements MessageIds {
        @Override
        public String idOf(long record) {
            return id;
        }

        @Override
        public boolean repeatable() {
            return true;
        }
    }
}
