package dev.caravan.cli.lint;

import dev.caravan.mapping.Yaml;

/**
 * A YAML file that could be read.
 *
 * @param name how findings name it
 * @param mine whether it is the user's; what is shipped is known to be right
 */
record Source(String name, Yaml root, boolean mine) {}
