package dev.caravan.event;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The six calls of the Segment spec, as Customer.io's Pipelines API takes them. */
public enum Call {
    IDENTIFY,
    TRACK,
    PAGE,
    SCREEN,
    GROUP,
    ALIAS;

    private static final Map<String, Call> BY_TYPE =
            Stream.of(values()).collect(Collectors.toMap(Call::type, Function.identity()));

    private final String type = name().toLowerCase(java.util.Locale.ROOT);

    /** The value of the {@code type} field, and the last part of the endpoint's path. */
    public String type() {
        return type;
    }

    /** The call whose {@code type} is exactly this text. */
    public static Optional<Call> ofType(String type) {
        return Optional.ofNullable(BY_TYPE.get(type));
    }
}
