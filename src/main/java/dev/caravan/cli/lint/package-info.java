/** {@code caravan lint}: what is wrong in a home, with file and line, before it is started. */
@NullMarked
package dev.caravan.cli.lint;

import org.jspecify.annotations.NullMarked;
