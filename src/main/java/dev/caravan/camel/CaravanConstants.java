package dev.caravan.camel;

/** Names of what the component sets on exchanges, or reads there. */
public final class CaravanConstants {
    /**
     * Property: whose events these are, where the endpoint does not say it; a {@link
     * dev.caravan.event.Source} or a source's name. Not a header, so that no message can set it.
     */
    public static final String SOURCE = "CaravanSource";

    /** Property: what became of what was handed over, a {@link dev.caravan.ingest.Receipt}. */
    public static final String RECEIPT = "CaravanReceipt";

    private CaravanConstants() {}
}
