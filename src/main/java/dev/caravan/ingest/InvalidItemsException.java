package dev.caravan.ingest;

import dev.caravan.journal.Appended.SetAside;
import java.util.List;

/** A caller asked for all or nothing, and not every item is an event: nothing was stored. */
public final class InvalidItemsException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient List<SetAside> items;

    /**
     * Makes one.
     *
     * @param items those that are no events, one or more
     */
    public InvalidItemsException(List<SetAside> items) {
        super(
                "%d of the items are no events; the first is item %d: %s"
                        .formatted(items.size(), items.get(0).index(), items.get(0).reason()));
        this.items = List.copyOf(items);
    }

    /** Those that are no events, each with its reason. */
    public List<SetAside> items() {
        return items;
    }
}
