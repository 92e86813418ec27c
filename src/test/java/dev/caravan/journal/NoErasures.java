package dev.caravan.journal;

import dev.caravan.event.PersonKey;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** Of the model, which erases nobody. */
final class NoErasures implements Erasures {
    @Override
    public OptionalLong reaching(Entry entry) {
        return OptionalLong.empty();
    }

    @Override
    public OptionalLong reachingAgain(Entry entry) {
        return OptionalLong.empty();
    }

    @Override
    public List<Erasure> list(Filter filter, long after, int limit) {
        return List.of();
    }

    @Override
    public Optional<Erasure> get(long id) {
        return Optional.empty();
    }

    @Override
    public Summary summary(Filter filter) {
        return new Summary(0, null, null, List.of());
    }

    @Override
    public CompletableFuture<Void> retried(
            String destination, Settlement.Receipt receipt, DeadLetter letter) {
        throw new UnsupportedOperationException("nobody is erased here");
    }

    @Override
    public Runnable onRemoval(Runnable listener) {
        return () -> {};
    }

    @Override
    public String nameOf(PersonKey person) {
        throw new UnsupportedOperationException("nobody is erased here");
    }
}
