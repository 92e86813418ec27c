package dev.caravan.mapping;

/**
 * Where in a file something stands.
 *
 * @param line from 1
 * @param column from 1
 */
public record Place(int line, int column) {
    public static final Place START = new Place(1, 1);
}
