package dev.caravan.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import java.util.Set;

/** Events for tests, made the way the doors make them. */
public final class Events {
    public static final Instant NOW = Instant.parse("2026-08-21T10:15:30Z");

    private static final EventReader READER = new EventReader(new SemanticNames(false, Set.of()));

    private Events() {}

    /** Reads an item with the defaults of a secret source named {@code shop}. */
    public static Reading read(String json) {
        return read(json, origin());
    }

    public static Reading read(String json, Origin origin) {
        byte[] item = json.getBytes(StandardCharsets.UTF_8);
        return READER.read(item, 0, item.length, origin, 0);
    }

    public static Origin origin() {
        return Origin.of(
                new Source("shop", true),
                NOW,
                MessageIds.timeOrdered(InstantSource.fixed(NOW), new Random(1)),
                NOW);
    }

    /** The event that this must be. */
    public static Reading.Accepted accepted(String json) {
        Reading reading = read(json);
        assertThat(reading).isInstanceOf(Reading.Accepted.class);
        return (Reading.Accepted) reading;
    }

    /** A track call of a user. */
    public static Reading.Accepted track(String userId, String messageId) {
        return accepted(
                """
                {"type":"track","userId":"%s","event":"Order Completed","messageId":"%s","properties":{"total":42.50}}"""
                        .formatted(userId, messageId));
    }

    /** A track call of a visitor. */
    public static Reading.Accepted visit(String anonymousId, String messageId) {
        return accepted(
                """
                {"type":"track","anonymousId":"%s","event":"Product Viewed","messageId":"%s"}"""
                        .formatted(anonymousId, messageId));
    }

    /** An identify call that makes a visitor known. */
    public static Reading.Accepted identify(String userId, String anonymousId, String messageId) {
        return accepted(
                """
                {"type":"identify","userId":"%s","anonymousId":"%s","messageId":"%s","traits":{"plan":"pro"}}"""
                        .formatted(userId, anonymousId, messageId));
    }
}
