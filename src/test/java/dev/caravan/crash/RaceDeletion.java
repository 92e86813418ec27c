package dev.caravan.crash;

import java.util.Set;

/**
 * A deletion that was acknowledged.
 *
 * @param number counts the person's deletions from 1
 * @param name the identifier by which it was asked for
 * @param names all identifiers that were joined to the person by then
 * @param cutOffMillis what happened earlier than this is from before it, whenever it comes in
 * @param acknowledgedNanos {@link System#nanoTime()} when the 200 had come
 */
record RaceDeletion(
        int person,
        int number,
        String messageId,
        String name,
        Set<String> names,
        long cutOffMillis,
        long acknowledgedNanos) {
    RaceDeletion {
        names = Set.copyOf(names);
    }
}
