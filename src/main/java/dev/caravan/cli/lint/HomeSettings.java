package dev.caravan.cli.lint;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The settings of a home as a start would find them: files, environment, {@code -D}, defaults. */
public interface HomeSettings {
    /** The value of a property, empty if there is none. */
    Optional<String> value(String property);

    /** The value of an environment variable, empty if there is none. */
    Optional<String> variable(String name);

    /** The names of all properties that have a value. */
    Collection<String> names();

    /**
     * What is wrong with the name of a property, with "did you mean"; empty if nothing is, or if it
     * is none of Caravan's.
     */
    Optional<String> complaint(String property);

    /**
     * What a start would warn of in the name of a property: that it is none of Caravan's, but looks
     * as if it were meant to be ({@code caravn.home}).
     */
    Optional<String> warning(String property);

    /**
     * What a start would refuse: names of environment variables, and values. Each names the setting
     * that it is about.
     */
    List<String> complaints();
}
