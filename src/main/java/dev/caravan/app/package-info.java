/** Puts the application together: settings, beans, the order of starting and stopping. */
@NullMarked
package dev.caravan.app;

import org.jspecify.annotations.NullMarked;
