/** The durable, ordered record of accepted events, and how far each destination has come in it. */
@NullMarked
package dev.caravan.journal;

import org.jspecify.annotations.NullMarked;
