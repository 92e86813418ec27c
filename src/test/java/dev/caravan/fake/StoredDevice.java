package dev.caravan.fake;

import java.time.Instant;

/**
 * A push device of a person.
 *
 * @param platform {@code ios} or {@code android}
 * @param appVersion from {@code context.app.version}, empty if not sent
 * @param attributes the event's properties
 */
public record StoredDevice(
        String token, String platform, Instant lastUsed, String appVersion, RawJson attributes) {}
