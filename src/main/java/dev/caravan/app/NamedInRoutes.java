package dev.caravan.app;

import dev.caravan.event.NotJsonException;
import dev.caravan.ingest.UnreadableException;
import dev.caravan.journal.JournalUnavailableException;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** Classes that a route may name, which a native binary would not know otherwise. */
@RegisterForReflection(
        targets = {
            JournalUnavailableException.class,
            NotJsonException.class,
            UnreadableException.class
        })
final class NamedInRoutes {
    private NamedInRoutes() {}
}
