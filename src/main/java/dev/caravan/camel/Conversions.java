package dev.caravan.camel;

import dev.caravan.delivery.Run;
import dev.caravan.event.EventMap;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.apache.camel.spi.TypeConverterRegistry;
import org.apache.camel.support.SimpleTypeConverter;

/** Lets runs and their events become JSON by themselves wherever Camel needs bytes or text. */
final class Conversions {
    private Conversions() {}

    static void addTo(TypeConverterRegistry registry) {
        add(registry, Run.class, Run::json);
        add(registry, EventMap.class, EventMap::json);
    }

    private static <T> void add(
            TypeConverterRegistry registry, Class<T> from, Function<T, byte[]> json) {
        add(registry, byte[].class, from, json);
        add(registry, InputStream.class, from, json.andThen(ByteArrayInputStream::new));
        add(
                registry,
                String.class,
                from,
                json.andThen(bytes -> new String(bytes, StandardCharsets.UTF_8)));
    }

    private static <T, R> void add(
            TypeConverterRegistry registry,
            Class<? super R> to,
            Class<T> from,
            Function<T, R> conversion) {
        registry.addTypeConverter(
                to,
                from,
                new SimpleTypeConverter(
                        false, (type, exchange, value) -> conversion.apply(from.cast(value))));
    }
}
