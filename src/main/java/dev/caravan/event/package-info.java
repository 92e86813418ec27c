/**
 * What Caravan carries: the six calls in canonical shape, their meanings, and how JSON becomes one
 * of them.
 */
@NullMarked
package dev.caravan.event;

import org.jspecify.annotations.NullMarked;
