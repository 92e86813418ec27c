package dev.caravan.mapping;

import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A {@code when}. */
sealed interface Condition {
    boolean holds(Scope scope);

    /** All of them hold. */
    record All(List<Condition> conditions) implements Condition {
        @Override
        public boolean holds(Scope scope) {
            return conditions.stream().allMatch(condition -> condition.holds(scope));
        }
    }

    /** A path finds something other than nothing, false and an empty list. */
    record Found(Path path) implements Condition {
        @Override
        public boolean holds(Scope scope) {
            Object found = scope.find(path);
            return !isNothing(found)
                    && !Boolean.FALSE.equals(found)
                    && !(found instanceof List<?> list && list.isEmpty());
        }
    }

    /** There is a value, or there is none. */
    record Present(Leaf leaf, boolean present) implements Condition {
        @Override
        public boolean holds(Scope scope) {
            return isNothing(leaf.eval(scope)) != present;
        }
    }

    /** The value is one of some, or it is none of them. */
    record Is(Leaf leaf, List<Object> constants, boolean is) implements Condition {
        @Override
        public boolean holds(Scope scope) {
            Object value = leaf.eval(scope);
            return constants.stream().anyMatch(constant -> same(value, constant)) == is;
        }
    }

    private static boolean isNothing(@Nullable Object value) {
        return value == Path.ABSENT || value == null || "".equals(value);
    }

    private static boolean same(@Nullable Object value, Object constant) {
        if (value instanceof Number one && constant instanceof Number other) {
            return new BigDecimal(Texts.number(one)).compareTo(new BigDecimal(other.toString()))
                    == 0;
        }
        String text = Texts.of(value);
        return text != null && text.equals(Texts.of(constant));
    }
}
