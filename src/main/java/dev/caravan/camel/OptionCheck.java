package dev.caravan.camel;

import dev.caravan.delivery.Pace;
import dev.caravan.event.Source;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Looks at the options of a {@code caravan:} endpoint as a start does, but without Camel. */
public final class OptionCheck {
    private OptionCheck() {}

    /**
     * What a start would say to these options.
     *
     * @param operation what stands behind {@code caravan:}
     * @param options by name, as they are meant; unknown ones are left to Camel's catalogue
     * @param consumer whether a route reads from it
     */
    public static Optional<String> complaint(
            String operation, Map<String, String> options, boolean consumer) {
        try {
            CaravanComponent.requireOperation(operation);
            var endpoint =
                    new CaravanEndpoint("caravan:" + operation, new CaravanComponent(), operation);
            for (Map.Entry<String, String> option : options.entrySet()) {
                set(endpoint, option.getKey(), option.getValue());
            }
            endpoint.receptions();
            check(endpoint, consumer);
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static void check(CaravanEndpoint endpoint, boolean consumer) {
        if (consumer) {
            CaravanEndpoint.requireEvents(endpoint.getOperation());
            endpoint.destination(Pace.DEFAULT);
            return;
        }
        switch (endpoint.getOperation()) {
            case CaravanComponent.SKIP -> CaravanComponent.skip(endpoint);
            case CaravanComponent.ADDRESS -> CaravanComponent.address(endpoint);
            default -> {
                String source = endpoint.getSource();
                if (source != null) {
                    requireSource(source);
                }
            }
        }
    }

    private static void requireSource(String name) {
        try {
            new Source(name, true);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("source: " + e.getMessage(), e);
        }
    }

    private static void set(CaravanEndpoint endpoint, String name, String value) {
        String setter = "set" + name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
        for (Method method : CaravanEndpoint.class.getDeclaredMethods()) {
            if (method.getName().equals(setter)) {
                boolean number = method.getParameterTypes()[0] == int.class;
                invoke(method, endpoint, number ? (Object) whole(name, value) : value);
            }
        }
    }

    private static int whole(String name, String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "'%s' must be a whole number but is '%s'".formatted(name, value), e);
        }
    }

    private static void invoke(Method setter, CaravanEndpoint endpoint, Object value) {
        try {
            setter.invoke(endpoint, value);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("cannot set an option", e);
        }
    }
}
