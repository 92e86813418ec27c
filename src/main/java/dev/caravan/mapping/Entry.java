package dev.caravan.mapping;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One event that a record may become, or the reason to make nothing of it.
 *
 * @param when null if always
 * @param otherwise whether it is made only if nothing above made an event
 * @param each one event for each element, null for one event
 * @param skip the reason to make nothing, null if this is an event
 * @param event what is made
 */
record Entry(
        Place place,
        @Nullable Condition when,
        boolean otherwise,
        @Nullable Path each,
        @Nullable String skip,
        Part.Fields event) {
    /** In place of an event that broke off; the record is rejected then. */
    static final byte[] NOTHING = {};

    private static final String MESSAGE_ID = Language.Word.MESSAGE_ID.key();

    /** Makes what is to be made of the record; adds it to the list. */
    void make(Scope scope, List<Made> made) throws IOException {
        if (otherwise && !made.isEmpty()) {
            return;
        } else if (each == null) {
            one(scope, made);
            return;
        }
        Object found = scope.find(each);
        if (found == Path.ABSENT || found == null || "".equals(found)) {
            return;
        }
        int number = 0;
        for (Object element : Part.elements(found)) {
            scope.enter(element, number++);
            one(scope, made);
        }
        scope.enter(null, 0);
    }

    private void one(Scope scope, List<Made> made) throws IOException {
        if (when != null && !when.holds(scope)) {
            return;
        } else if (skip != null) {
            made.add(new Made.Skipped(skip, place.line()));
            return;
        }
        try (JsonOut out = new JsonOut()) {
            out.beginObject();
            out.insist();
            for (int i = 0; i < event.parts().size(); i++) {
                out.name(event.names().get(i));
                member(event.parts().get(i), scope, out);
            }
            out.end();
            made.add(new Made.Item(out.isBroken() ? NOTHING : out.toBytes()));
        }
    }

    private static void member(Part part, Scope scope, JsonOut out) throws IOException {
        if (!(part instanceof Leaf leaf) || !leaf.field().equals(MESSAGE_ID)) {
            part.write(scope, out);
            return;
        }
        Object id = leaf.eval(scope);
        if (id != Path.ABSENT) {
            leaf.writeValue(id, scope, out);
            if (!scope.isNewId(id)) {
                scope.reject(
                        leaf.place(),
                        MESSAGE_ID,
                        Made.Rule.SAME_ID,
                        "two events of the record have the same id, so one of them would be lost");
            }
        }
    }
}
