package dev.caravan.journal;

import dev.caravan.journal.LedgerState.Held;
import dev.caravan.journal.LedgerState.Totals;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A destination's ledger in the journal's database. */
final class SqliteLedger implements Ledger {
    private final String destination;
    private final Readers readers;
    private final GroupCommit writer;
    private final InstantSource clock;
    private final Map<String, Ledger> owners;

    /**
     * Makes one.
     *
     * @param owners the ledger that may settle, by destination; read by the writer's thread
     */
    SqliteLedger(
            String destination,
            Readers readers,
            GroupCommit writer,
            InstantSource clock,
            Map<String, Ledger> owners) {
        this.destination = destination;
        this.readers = readers;
        this.writer = writer;
        this.clock = clock;
        this.owners = owners;
    }

    @Override
    public String destination() {
        return destination;
    }

    @Override
    public LedgerState state() {
        return state(destination, readers)
                .orElseThrow(
                        () ->
                                new IllegalStateException(
                                        "destination '" + destination + "' was forgotten"));
    }

    /** What is on disk of a destination; empty if there is none of this name. */
    static Optional<LedgerState> state(String destination, Readers readers) {
        return readers.read(
                connection -> {
                    List<Held> held = new ArrayList<>();
                    try (PreparedStatement persons =
                                    connection.prepareStatement(
                                            "SELECT person, first_unsettled, since FROM held WHERE"
                                                    + " destination = ? ORDER BY first_unsettled");
                            PreparedStatement place =
                                    connection.prepareStatement(
                                            "SELECT started_at, settlements, cursors, delivered,"
                                                    + " skipped, dead, stopped FROM destination WHERE name = ?")) {
                        persons.setString(1, destination);
                        try (ResultSet row = persons.executeQuery()) {
                            while (row.next()) {
                                held.add(new Held(row.getLong(1), row.getLong(2), row.getLong(3)));
                            }
                        }
                        place.setString(1, destination);
                        try (ResultSet row = place.executeQuery()) {
                            if (!row.next()) {
                                return Optional.empty();
                            }
                            return Optional.of(
                                    new LedgerState(
                                            row.getLong(1),
                                            row.getLong(2),
                                            Cursors.fromBytes(row.getBytes(3)),
                                            held,
                                            new Totals(
                                                    row.getLong(4), row.getLong(5), row.getLong(6)),
                                            row.getBoolean(7)));
                        }
                    }
                });
    }

    @Override
    public CompletableFuture<Void> settle(Settlement settlement) {
        return writer.submit(
                        0,
                        session -> {
                            boolean owner = owners.get(destination) == this;
                            if (owner) {
                                session.settle(destination, settlement, clock.instant());
                            }
                            return owner;
                        })
                .thenAccept(this::requireOwner);
    }

    private void requireOwner(boolean owner) {
        if (!owner) {
            throw new IllegalStateException(
                    "destination '%s' was taken over and cannot settle".formatted(destination));
        }
    }

    @Override
    public CompletableFuture<Void> hold(boolean stopped) {
        return writer.submit(
                0,
                session -> {
                    session.update(
                            "UPDATE destination SET stopped = ? WHERE name = ?",
                            stopped ? 1 : 0,
                            destination);
                    return null;
                });
    }
}
