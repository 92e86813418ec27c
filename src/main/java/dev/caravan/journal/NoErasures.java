package dev.caravan.journal;

import dev.caravan.event.PersonKey;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** For a journal that erases nobody. */
final class NoErasures implements Erasures {
    @Override
    public OptionalLong reaching(Entry entry) {
        return OptionalLong.empty();
    }

    @Override
    public List<Erasure> list(long after, int limit) {
        return List.of();
    }

    @Override
    public Optional<Erasure> get(long id) {
        return Optional.empty();
    }

    @Override
    public String nameOf(PersonKey person) {
        throw new UnsupportedOperationException("nobody is erased here");
    }
}
