package dev.caravan.mapping;

import static java.util.Objects.requireNonNull;

/**
 * What a mapping made of a record. A record gives items, or rejections, never both: what is half
 * right is mended and read again as a whole.
 */
public sealed interface Made {
    /**
     * An event, as a door would have got it: it has still to pass {@link
     * dev.caravan.event.EventReader}.
     *
     * @param json one JSON object in UTF-8; nobody else holds the array
     */
    record Item(byte[] json) implements Made {
        public Item {
            requireNonNull(json, "json");
        }
    }

    /**
     * Why the record becomes no event.
     *
     * @param file the mapping file, as it was named to the parser
     * @param line of the value in the mapping file, from 1
     * @param column likewise
     * @param field where in the event, such as {@code traits.balance}; empty if it is about the
     *     whole record
     * @param rule which kind of rule it breaks
     * @param reason what must be and is not, for a person; has nothing of the record's content
     */
    record Rejected(String file, int line, int column, String field, Rule rule, String reason)
            implements Made {
        public Rejected {
            requireNonNull(file, "file");
            requireNonNull(field, "field");
            requireNonNull(rule, "rule");
            requireNonNull(reason, "reason");
        }

        /**
         * The whole story in one line: {@code contacts.csv, record 12: field 'traits.balance': the
         * value of $.balance must be a number (TYPE, mappings/crm.yaml:7)}.
         *
         * @param place where the record stood, in words; may be empty
         */
        public String message(String place) {
            return "%s%s%s (%s, %s:%d)"
                    .formatted(
                            place.isEmpty() ? "" : place + ": ",
                            field.isEmpty() ? "" : "field '" + field + "': ",
                            reason,
                            rule,
                            file,
                            line);
        }
    }

    /**
     * The mapping says that such a record makes no event.
     *
     * @param reason as the mapping says it
     * @param line of the {@code skip} in the mapping file, from 1
     */
    record Skipped(String reason, int line) implements Made {
        public Skipped {
            requireNonNull(reason, "reason");
        }
    }

    /** Which kind of rule a record breaks. */
    enum Rule {
        /** A value that must be there is absent, null or empty. */
        REQUIRED,
        /** A value does not have the type or the format that the mapping says. */
        TYPE,
        /** A value is not in the lookup table. */
        LOOKUP,
        /** No {@code when} of the mapping holds for the record. */
        NO_EVENT,
        /** Two events of the record would have the same messageId. */
        SAME_ID,
        /** The record is not one, or holds something that has no place in JSON. */
        RECORD
    }
}
