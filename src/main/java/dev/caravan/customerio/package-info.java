/**
 * Sends events to Customer.io's Pipelines API: the {@code customerio:} component for any Camel
 * application, its client, and the sandbox that stands in where no API key is given.
 */
@NullMarked
package dev.caravan.customerio;

import org.jspecify.annotations.NullMarked;
