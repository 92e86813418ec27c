/** Formats: cuts files and messages into records, one after the other, in bounded memory. */
@NullMarked
package dev.caravan.format;

import org.jspecify.annotations.NullMarked;
