package dev.caravan.event;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;

/**
 * A text that is not the JSON that was asked for. The message tells the place, never the content.
 */
public final class NotJsonException extends IOException {
    private static final long serialVersionUID = 1;

    public NotJsonException(String message) {
        super(message);
    }

    /** The reader's complaint without the excerpts it likes to quote. */
    public static NotJsonException of(JacksonException e) {
        JsonLocation place = e.getLocation();
        String where = "";
        if (place != null && place.getLineNr() > 1) {
            where = " at line %d, column %d".formatted(place.getLineNr(), place.getColumnNr());
        } else if (place != null && place.getColumnNr() > 0) {
            where = " at column " + place.getColumnNr();
        }
        if (e instanceof StreamConstraintsException) {
            return new NotJsonException(
                    "the JSON is nested too deep or has too long a name, number or text" + where);
        }
        return new NotJsonException("not valid JSON" + where);
    }
}
