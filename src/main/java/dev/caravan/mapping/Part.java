package dev.caravan.mapping;

import com.fasterxml.jackson.core.io.SerializedString;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Something of an event's skeleton that writes what becomes of it for one record. */
sealed interface Part permits Leaf, Part.Fields, Part.Items, Part.Each {
    /** Writes it, or nothing if there is nothing to write. */
    void write(Scope scope, JsonOut out) throws IOException;

    /** An object. */
    record Fields(List<SerializedString> names, List<Part> parts) implements Part {
        static Fields of(Map<String, Part> fields) {
            return new Fields(
                    fields.keySet().stream().map(SerializedString::new).toList(),
                    List.copyOf(fields.values()));
        }

        @Override
        public void write(Scope scope, JsonOut out) throws IOException {
            out.beginObject();
            for (int i = 0; i < parts.size(); i++) {
                out.name(names.get(i));
                parts.get(i).write(scope, out);
            }
            out.end();
        }
    }

    /** A list as it stands in the mapping. */
    record Items(List<Part> parts) implements Part {
        @Override
        public void write(Scope scope, JsonOut out) throws IOException {
            out.beginList();
            for (Part part : parts) {
                part.write(scope, out);
            }
            out.end();
        }
    }

    /**
     * A list that is made of one of the record.
     *
     * @param list finds it; says what to take if there is none, and whether there has to be one
     * @param element made for each element, which is taken as it is if this is null
     */
    record Each(Leaf list, @Nullable Part element) implements Part {
        @Override
        public void write(Scope scope, JsonOut out) throws IOException {
            Object found = list.eval(scope);
            if (found == Path.ABSENT || found == null) {
                if (found == null) {
                    list.writeValue(null, scope, out);
                }
                return;
            }
            Object outerItem = scope.item();
            int outerIndex = scope.index();
            out.beginList();
            out.insist();
            int number = 0;
            for (Object one : elements(found)) {
                scope.enter(one, number++);
                if (element == null) {
                    list.writeValue(one, scope, out);
                } else {
                    element.write(scope, out);
                }
            }
            out.end();
            scope.enter(outerItem, outerIndex);
        }
    }

    /** The elements of a list; what is no list is one. */
    static List<?> elements(@Nullable Object found) {
        return found instanceof List<?> list ? list : java.util.Collections.singletonList(found);
    }
}
