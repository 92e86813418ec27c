/** What an operator sees and does: the operator API, health and metrics. */
@NullMarked
package dev.caravan.console;

import org.jspecify.annotations.NullMarked;
