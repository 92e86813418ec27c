package dev.caravan.app;

import dev.caravan.delivery.Run;
import dev.caravan.event.EventMap;
import dev.caravan.event.NotJsonException;
import dev.caravan.ingest.UnreadableException;
import dev.caravan.journal.JournalUnavailableException;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** Classes that a route may name or look into, which a native binary would not know otherwise. */
@RegisterForReflection(
        targets = {
            EventMap.class,
            JournalUnavailableException.class,
            NotJsonException.class,
            Run.class,
            UnreadableException.class
        })
final class NamedInRoutes {
    private NamedInRoutes() {}
}
