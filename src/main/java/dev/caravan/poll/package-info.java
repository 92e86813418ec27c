/**
 * Sources that are asked again and again, page by page, and remember how far they came: tables and
 * JSON APIs.
 */
@NullMarked
package dev.caravan.poll;

import org.jspecify.annotations.NullMarked;
