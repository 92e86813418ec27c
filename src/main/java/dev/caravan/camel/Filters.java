package dev.caravan.camel;

import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.InvalidPathException;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.Option;
import com.jayway.jsonpath.spi.json.JacksonJsonProvider;
import com.jayway.jsonpath.spi.mapper.JacksonMappingProvider;
import dev.caravan.delivery.Selection;
import dev.caravan.event.Event;
import dev.caravan.mapping.Functions;
import java.util.Collection;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Conditions on single events, written as JSONPath. */
final class Filters {
    private static final Configuration CONFIGURATION =
            Configuration.builder()
                    .jsonProvider(new JacksonJsonProvider())
                    .mappingProvider(new JacksonMappingProvider())
                    .options(Option.SUPPRESS_EXCEPTIONS)
                    .build();

    private Filters() {}

    /**
     * Reads a condition: a path such as {@code $[?(@.properties.total > 100 && @.event == 'Order
     * Completed')]} or {@code $.properties.coupon}, or only what stands inside {@code ?(...)}. It
     * is fulfilled by an event in which the path finds something other than null and false.
     *
     * @return null if there is no condition
     * @throws IllegalArgumentException if it is not JSONPath
     */
    static Selection.@Nullable Filter parse(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return null;
        }
        String stripped = text.strip();
        Functions.complaint(stripped)
                .ifPresent(
                        wrong -> {
                            throw new IllegalArgumentException(
                                    "filter '%s' cannot be used: %s".formatted(stripped, wrong));
                        });
        JsonPath path = compile(stripped.startsWith("$") ? stripped : "$[?(" + stripped + ")]");
        Predicate<Event> condition = event -> found(path.read(event.asMap(), CONFIGURATION));
        return new Selection.Filter(stripped, condition);
    }

    private static JsonPath compile(String path) {
        try {
            return JsonPath.compile(path);
        } catch (InvalidPathException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "filter must be JSONPath, such as $[?(@.properties.total > 100)], but is '%s': %s"
                            .formatted(path, e.getMessage()),
                    e);
        }
    }

    private static boolean found(@Nullable Object result) {
        return result instanceof Collection<?> several
                ? !several.isEmpty()
                : result != null && !Boolean.FALSE.equals(result);
    }
}
