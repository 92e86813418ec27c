package dev.caravan.event;

import java.util.regex.Pattern;

/**
 * The named origin of events; message ids are unique within it.
 *
 * @param name letters, digits and {@code -}, up to 64
 * @param mayErase whether its destructive events are carried out at once, or held until a person
 *     approves: a write key in a browser or an app is public, so anyone could delete anyone with it
 * @param open whether its write key is public, and so its callers are the persons themselves
 */
public record Source(String name, boolean mayErase, boolean open) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9-]{1,64}");

    /** A secret source if it may erase, else a public one. */
    public Source(String name, boolean mayErase) {
        this(name, mayErase, !mayErase);
    }

    public Source {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a source's name has 1 to 64 letters, digits or '-', but was '" + name + "'");
        }
    }
}
