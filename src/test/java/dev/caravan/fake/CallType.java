package dev.caravan.fake;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The calls an item can make. */
enum CallType {
    IDENTIFY,
    TRACK,
    PAGE,
    SCREEN,
    GROUP,
    ALIAS;

    private static final Map<String, CallType> BY_WORD =
            Stream.of(values()).collect(Collectors.toMap(CallType::word, Function.identity()));

    private final String word = name().toLowerCase(Locale.ROOT);

    /** Returns the call as {@code type} spells it. */
    String word() {
        return word;
    }

    static Optional<CallType> of(String word) {
        return Optional.ofNullable(BY_WORD.get(word));
    }
}
