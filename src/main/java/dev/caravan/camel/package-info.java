/** The {@code caravan:} component: intake and delivery as URIs that routes can name. */
@NullMarked
package dev.caravan.camel;

import org.jspecify.annotations.NullMarked;
