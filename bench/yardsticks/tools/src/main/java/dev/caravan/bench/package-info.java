/** What Caravan is measured with: a fake Customer.io, generators of data and load, yardsticks. */
package dev.caravan.bench;
