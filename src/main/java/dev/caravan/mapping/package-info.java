/** Mapping files: how a foreign record becomes events, or the reasons why it does not. */
@NullMarked
package dev.caravan.mapping;

import org.jspecify.annotations.NullMarked;
