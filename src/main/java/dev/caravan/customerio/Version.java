package dev.caravan.customerio;

/** Caravan's version, as requests tell it; a test holds it to the one that is built. */
final class Version {
    static final String TEXT = "0.1.0";

    private Version() {}
}
