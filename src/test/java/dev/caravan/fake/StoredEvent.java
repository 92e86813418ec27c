package dev.caravan.fake;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/**
 * An event as the workspace shows it now.
 *
 * @param sequence order of arrival over the whole workspace
 * @param kind {@code track}, {@code page} or {@code screen}
 * @param name the event's name; of a page its URL
 * @param person the owner's id, else email; empty while the event is anonymous
 * @param anonymousId as sent, kept after the event has moved to a person
 * @param messageId as sent or, if none was, minted by the fake
 * @param occurredAt the call's timestamp, else the time of arrival
 * @param receivedAt by the fake's clock
 * @param moved whether it was anonymous once and reached the person by an identify
 * @param campaignEligible whether it may trigger campaigns
 * @param item the call it came in
 */
public record StoredEvent(
        long sequence,
        String kind,
        String name,
        String person,
        String anonymousId,
        String messageId,
        Instant occurredAt,
        Instant receivedAt,
        boolean moved,
        boolean campaignEligible,
        RawJson item) {

    /** Returns the call's properties, a missing node if it has none. */
    public JsonNode properties() {
        return item.tree().path("properties");
    }

    StoredEvent ownedBy(String owner) {
        return copy(owner, moved, campaignEligible);
    }

    StoredEvent movedOver(boolean eligible) {
        return copy(person, true, eligible);
    }

    StoredEvent withoutCampaigns() {
        return copy(person, moved, false);
    }

    private StoredEvent copy(String owner, boolean hasMoved, boolean eligible) {
        return new StoredEvent(
                sequence,
                kind,
                name,
                owner,
                anonymousId,
                messageId,
                occurredAt,
                receivedAt,
                hasMoved,
                eligible,
                item);
    }
}
