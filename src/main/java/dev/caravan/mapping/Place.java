package dev.caravan.mapping;

/** Where in a mapping file something stands; both from 1. */
record Place(int line, int column) {
    static final Place START = new Place(1, 1);
}
