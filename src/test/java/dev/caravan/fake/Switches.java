package dev.caravan.fake;

import java.time.Duration;
import java.util.Set;

/**
 * What may differ between workspaces, or is not known of the real Customer.io. Changes take effect
 * with the next request. Over the control door a switch is a JSON field of the same name.
 */
public final class Switches {

    private volatile Set<String> keys = Set.of("test-key");
    private volatile boolean anonymousMerging = true;
    private volatile boolean wrongRegion;
    private volatile BadItems strictBadItems = BadItems.REJECT_ALL;
    private volatile int oversizeStatus = 400;
    private volatile int maxBatchItems = Integer.MAX_VALUE;
    private volatile boolean semanticRequirements = true;
    private volatile boolean lifecycleEventsStored = true;
    private volatile boolean attributeLimits;
    private volatile boolean messageIdLimit;
    private volatile Duration dedupeWindow = Duration.ofDays(36_500);
    private volatile boolean keepItems = true;
    private volatile long requestLogBytes = 64L * 1024 * 1024;

    /** What a strict batch with a bad item comes to; nobody knows which one is true. */
    public enum BadItems {
        /** 400, nothing stored. */
        REJECT_ALL,
        /** 400, yet the good items are stored. */
        STORE_GOOD_ANSWER_400,
        /** 200, the good items are stored and the bad ones lost in silence. */
        STORE_GOOD_ANSWER_200
    }

    /** The write keys that are valid, {@code test-key} unless told. */
    public Switches keys(Set<String> value) {
        keys = Set.copyOf(value);
        return this;
    }

    /** The workspace setting, on by default. */
    public Switches anonymousMerging(boolean value) {
        anonymousMerging = value;
        return this;
    }

    /** Plays the host of the other region: 200 to every call, nothing stored. Off by default. */
    public Switches wrongRegion(boolean value) {
        wrongRegion = value;
        return this;
    }

    /** {@link BadItems#REJECT_ALL} by default. */
    public Switches strictBadItems(BadItems value) {
        strictBadItems = value;
        return this;
    }

    /** The strict answer to too many bytes, 400 by default; 413 is the other guess. */
    public Switches oversizeStatus(int value) {
        oversizeStatus = value;
        return this;
    }

    /** Items allowed in one batch, no limit by default. */
    public Switches maxBatchItems(int value) {
        maxBatchItems = value;
        return this;
    }

    /**
     * Whether a semantic event without its required fields is a fault; otherwise it has no effect.
     * On by default.
     */
    public Switches semanticRequirements(boolean value) {
        semanticRequirements = value;
        return this;
    }

    /**
     * Whether the three {@code Application ...} events are also stored as plain events. On by
     * default.
     */
    public Switches lifecycleEventsStored(boolean value) {
        lifecycleEventsStored = value;
        return this;
    }

    /**
     * Whether the Track API's limits on traits are faults: 300 of them, 150 bytes in a name, 1000
     * bytes in a value. Off by default.
     */
    public Switches attributeLimits(boolean value) {
        attributeLimits = value;
        return this;
    }

    /**
     * Whether a messageId of 100 characters or more is a fault, which is Segment's rule. Off by
     * default.
     */
    public Switches messageIdLimit(boolean value) {
        messageIdLimit = value;
        return this;
    }

    /**
     * How long a messageId is remembered by the fake's clock; for ever by default, Segment promises
     * a day.
     */
    public Switches dedupeWindow(Duration value) {
        dedupeWindow = value;
        return this;
    }

    /**
     * Whether accepted items are kept, at the cost of their bytes. Without them only the counts of
     * messageIds and the persons remain, for runs of many millions: no received items, no events.
     * On by default.
     */
    public Switches keepItems(boolean value) {
        keepItems = value;
        return this;
    }

    /**
     * Bytes the log of raw requests may hold before it forgets the oldest, 64 MiB by default; 0
     * keeps no request.
     */
    public Switches requestLogBytes(long value) {
        requestLogBytes = value;
        return this;
    }

    Set<String> keys() {
        return keys;
    }

    boolean anonymousMerging() {
        return anonymousMerging;
    }

    boolean wrongRegion() {
        return wrongRegion;
    }

    BadItems strictBadItems() {
        return strictBadItems;
    }

    int oversizeStatus() {
        return oversizeStatus;
    }

    int maxBatchItems() {
        return maxBatchItems;
    }

    boolean semanticRequirements() {
        return semanticRequirements;
    }

    boolean lifecycleEventsStored() {
        return lifecycleEventsStored;
    }

    boolean attributeLimits() {
        return attributeLimits;
    }

    boolean messageIdLimit() {
        return messageIdLimit;
    }

    Duration dedupeWindow() {
        return dedupeWindow;
    }

    boolean keepItems() {
        return keepItems;
    }

    long requestLogBytes() {
        return requestLogBytes;
    }
}
