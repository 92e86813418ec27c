/**
 * A Customer.io made for tests: it plays the Pipelines API from the fact sheet and can misbehave.
 */
package dev.caravan.fake;
