package dev.caravan.fake;

import java.time.Instant;

/**
 * A reported message or content metric.
 *
 * @param metric the word reported, {@code opened} or {@code viewed_content} for instance
 * @param deliveryId empty for content
 */
public record StoredMetric(
        String metric, String deliveryId, String anonymousId, Instant occurredAt, RawJson item) {}
