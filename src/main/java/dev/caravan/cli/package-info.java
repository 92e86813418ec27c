/** The commands that need no server: {@code lint}, {@code try}, {@code test} and {@code schema}. */
@NullMarked
package dev.caravan.cli;

import org.jspecify.annotations.NullMarked;
