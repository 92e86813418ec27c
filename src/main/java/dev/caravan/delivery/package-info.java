/** Hands events over to destinations: in order, until each is settled. Knows no destination. */
@NullMarked
package dev.caravan.delivery;

import org.jspecify.annotations.NullMarked;
