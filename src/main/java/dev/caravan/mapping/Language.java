package dev.caravan.mapping;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The words of the mapping language, declared once: the compiler knows its keys from here, and the
 * reference in {@code docs/mapping.md} and the {@link Schema} for editors are written from here.
 */
final class Language {
    /** Where a word may stand. */
    enum Scope {
        /** At the top of the file. */
        FILE("At the top of the file"),
        /** At the top of the file, or in an entry of {@code events}. */
        EVENT("In an event"),
        /** In an entry of {@code events} alone. */
        ENTRY("In an entry of `events`"),
        /** A field of the event. */
        FIELD("Fields of an event"),
        /** In the small object that says where a value comes from. */
        VALUE("In a value"),
        /** In the small object of a {@code when}, beside those of a value. */
        CONDITION("In a condition"),
        /** In the small object of {@code messageId}. */
        MESSAGE_ID("In `messageId`");

        private final String title;

        Scope(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    /** What may stand behind a word. */
    enum Shape {
        /** A text. */
        TEXT("text"),
        /** {@code true} or {@code false}. */
        FLAG("true or false"),
        /** A whole number, 0 or more. */
        COUNT("whole number"),
        /** One text or a list of texts. */
        TEXTS("text, or list of texts"),
        /** A path. */
        PATH("path"),
        /** Anything: constant, path or small object. */
        VALUE("value"),
        /** Any constant. */
        CONSTANT("constant"),
        /** What stands in for a value: a value, or a constant list or object. */
        SUBSTITUTE("value"),
        /** A list of values. */
        VALUES("value, or list of values"),
        /** A constant or a list of constants. */
        CONSTANTS("constant, or list of constants"),
        /** Fields, each with a value. */
        FIELDS("fields with their values"),
        /** A table of texts and constants. */
        TABLE("table"),
        /** A condition. */
        CONDITION("condition"),
        /** A list of entries. */
        ENTRIES("list of events"),
        /** One of {@code string, number, boolean, date}. */
        TYPE("string, number, boolean or date"),
        /** One of {@code iso, date, seconds, millis}. */
        DATE_FORM("iso, date, seconds or millis");

        private final String title;

        Shape(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    /** The words. */
    enum Word {
        DESCRIPTION(Scope.FILE, "description", Shape.TEXT, "What the mapping is for; for people."),
        EVENTS(
                Scope.FILE,
                "events",
                Shape.ENTRIES,
                "The events that a record may become, each made if its `when` holds, in this order. Fields beside `events` are those of each event that does not have them itself."),
        WHEN(
                Scope.EVENT,
                "when",
                Shape.CONDITION,
                "The event is made only if this holds. In `events`, `otherwise` holds if nothing above made an event. A record of which nothing becomes is rejected, unless a `skip` takes it."),
        EACH_EVENT(
                Scope.EVENT,
                "each",
                Shape.PATH,
                "One event for each element of the list that the path finds (one that is no list counts as a list of one). Paths that start with `$item` start at the element."),
        SKIP(
                Scope.ENTRY,
                "skip",
                Shape.TEXT,
                "In place of fields: if `when` holds, nothing below is made of the record. The text is the reason."),
        TYPE(
                Scope.FIELD,
                "type",
                Shape.VALUE,
                "`identify`, `track`, `page`, `screen`, `group` or `alias`. Must be there."),
        EVENT(Scope.FIELD, "event", Shape.VALUE, "The name of a `track` call. A text."),
        NAME(Scope.FIELD, "name", Shape.VALUE, "The name of a `page` or `screen` call. A text."),
        CATEGORY(Scope.FIELD, "category", Shape.VALUE, "The category of a `page` call. A text."),
        USER_ID(Scope.FIELD, "userId", Shape.VALUE, "The person. A text: a number becomes one."),
        ANONYMOUS_ID(Scope.FIELD, "anonymousId", Shape.VALUE, "The visitor. A text."),
        GROUP_ID(Scope.FIELD, "groupId", Shape.VALUE, "The object of a `group` call. A text."),
        PREVIOUS_ID(
                Scope.FIELD,
                "previousId",
                Shape.VALUE,
                "The former id of an `alias` call. A text."),
        MESSAGE_ID(
                Scope.FIELD,
                "messageId",
                Shape.VALUE,
                "What tells this event from all others of the source; the same id is stored once. A value, or `{key: [...]}`. Without it, the id is made of the record's place in its file or message."),
        TIMESTAMP(
                Scope.FIELD,
                "timestamp",
                Shape.VALUE,
                "When it happened. A date: `type: date` need not be said. Without it, the time of the file or message."),
        TRAITS(
                Scope.FIELD,
                "traits",
                Shape.FIELDS,
                "Of an `identify` or `group` call. Fields, or a path to an object."),
        PROPERTIES(
                Scope.FIELD,
                "properties",
                Shape.FIELDS,
                "Of a `track`, `page` or `screen` call. Fields, or a path to an object."),
        CONTEXT(Scope.FIELD, "context", Shape.FIELDS, "Fields, or a path to an object."),
        INTEGRATIONS(
                Scope.FIELD,
                "integrations",
                Shape.FIELDS,
                "Destinations that shall not get it: `{billing: false}`."),
        PATH(Scope.VALUE, "path", Shape.PATH, "Where in the record the value stands."),
        TEMPLATE(
                Scope.VALUE,
                "template",
                Shape.TEXT,
                "A text with `{name}` for the field `name` of the record, or `{$.a.b}` for a path. `{{` and `}}` are braces. White space at both ends is removed. A part that is nothing leaves a gap; if all are, the value is nothing. In ids and names one such part is enough."),
        VALUE(Scope.VALUE, "value", Shape.CONSTANT, "A constant, as it stands: `{value: $5}`."),
        FIELDS(
                Scope.VALUE,
                "fields",
                Shape.FIELDS,
                "An object. Needed where one of its fields is called like a word of this table, and with `each`."),
        EACH(
                Scope.VALUE,
                "each",
                Shape.PATH,
                "A list: the rest of this object is made for each element that the path finds; `$item` is the element. With nothing else the elements are taken as they are."),
        FIRST(Scope.VALUE, "first", Shape.FLAG, "Of a list, take the first element."),
        TRIM(Scope.VALUE, "trim", Shape.FLAG, "Remove white space at both ends of a text."),
        LOWER(Scope.VALUE, "lower", Shape.FLAG, "Make a text lower case."),
        UPPER(Scope.VALUE, "upper", Shape.FLAG, "Make a text upper case."),
        ABSENT(
                Scope.VALUE,
                "absent",
                Shape.TEXTS,
                "Texts that mean that there is no value, such as `[\"00000000\", \"n/a\"]`."),
        KEEP_NULL(
                Scope.VALUE,
                "keepNull",
                Shape.FLAG,
                "A null of the record is sent as null, and not left out."),
        KEEP_EMPTY(
                Scope.VALUE,
                "keepEmpty",
                Shape.FLAG,
                "An empty text of the record is sent as such, and not left out."),
        LOOKUP(
                Scope.VALUE,
                "lookup",
                Shape.TABLE,
                "Takes what stands in the table beside the value's text. Keys are texts as they are written."),
        OTHERWISE(
                Scope.VALUE,
                "otherwise",
                Shape.SUBSTITUTE,
                "With `lookup`: what to take if the table does not have the value. Without it the record is rejected."),
        VALUE_TYPE(
                Scope.VALUE,
                "type",
                Shape.TYPE,
                "What the value becomes. Without it a value stays what it is in the record (in a CSV: a text)."),
        FORMAT(
                Scope.VALUE,
                "format",
                Shape.TEXTS,
                "Of a date: patterns of Java's `DateTimeFormatter`, or `iso`, `seconds`, `millis` (since 1970). Several are tried in turn. Default `iso`."),
        ZONE(
                Scope.VALUE,
                "zone",
                Shape.TEXT,
                "Of a date that does not say its zone: `Europe/Berlin`, `UTC`, `+02:00`."),
        LOCALE(
                Scope.VALUE,
                "locale",
                Shape.TEXT,
                "The language of month names, such as `de`. Default English."),
        AS(
                Scope.VALUE,
                "as",
                Shape.DATE_FORM,
                "How a date is sent: `iso` (in UTC, to the millisecond; default), `date` (the day as in the record), `seconds` or `millis` since 1970."),
        DECIMAL(
                Scope.VALUE,
                "decimal",
                Shape.TEXT,
                "Of a number: the decimal mark in the text, `.` or `,`. Default `.`."),
        GROUPING(
                Scope.VALUE,
                "grouping",
                Shape.TEXT,
                "Of a number: what may stand between its thousands, such as `,`, `.` or a space."),
        DECIMALS(
                Scope.VALUE,
                "decimals",
                Shape.COUNT,
                "Of a number whose text has no decimal mark: how many of its last digits are decimals. `00012345` with `decimals: 2` is 123.45; the sign may stand behind."),
        DEFAULT(Scope.VALUE, "default", Shape.SUBSTITUTE, "What to take if the value is nothing."),
        REQUIRED(Scope.VALUE, "required", Shape.FLAG, "Reject the record if the value is nothing."),
        IS(
                Scope.CONDITION,
                "is",
                Shape.CONSTANTS,
                "Holds if the value is this, or one of these. Texts are compared; two numbers by their value."),
        IS_NOT(
                Scope.CONDITION,
                "isNot",
                Shape.CONSTANTS,
                "Holds if the value is not this, or none of these; of nothing, too."),
        PRESENT(
                Scope.CONDITION,
                "present",
                Shape.FLAG,
                "Holds if there is a value (`true`), or if it is nothing (`false`)."),
        KEY(
                Scope.MESSAGE_ID,
                "key",
                Shape.VALUES,
                "The values that tell the record and its version; all must be there. The id is a hash of them, of the mapping's name, of `type` and `event`, and of the element's number in an `each` (unless a value starts with `$item`). `$` is the whole record.");

        private final Scope scope;
        private final String key;
        private final Shape shape;
        private final String meaning;

        Word(Scope scope, String key, Shape shape, String meaning) {
            this.scope = scope;
            this.key = key;
            this.shape = shape;
            this.meaning = meaning;
        }

        Scope scope() {
            return scope;
        }

        String key() {
            return key;
        }

        Shape shape() {
            return shape;
        }

        /** A sentence or a few in Markdown. */
        String meaning() {
            return meaning;
        }
    }

    /** Fields that are always texts. */
    static final Set<Word> TEXT_FIELDS =
            EnumSet.of(
                    Word.TYPE,
                    Word.EVENT,
                    Word.NAME,
                    Word.CATEGORY,
                    Word.USER_ID,
                    Word.ANONYMOUS_ID,
                    Word.GROUP_ID,
                    Word.PREVIOUS_ID,
                    Word.MESSAGE_ID);

    /** Fields that say who is meant. */
    static final Set<Word> WHO =
            EnumSet.of(Word.USER_ID, Word.ANONYMOUS_ID, Word.GROUP_ID, Word.PREVIOUS_ID);

    /** Words each of which makes an object a value rather than an object of the event. */
    static final Set<Word> SOURCES =
            EnumSet.of(Word.PATH, Word.TEMPLATE, Word.VALUE, Word.FIELDS, Word.EACH);

    /** Words of a value that may stand in a condition, beside its own. */
    static final Set<Word> IN_CONDITION =
            EnumSet.of(
                    Word.PATH,
                    Word.TEMPLATE,
                    Word.FIRST,
                    Word.TRIM,
                    Word.LOWER,
                    Word.UPPER,
                    Word.ABSENT);

    private Language() {}

    static List<Word> words(Scope... scopes) {
        List<Scope> wanted = Arrays.asList(scopes);
        return Arrays.stream(Word.values()).filter(word -> wanted.contains(word.scope())).toList();
    }

    static Set<String> keys(Scope... scopes) {
        return words(scopes).stream().map(Word::key).collect(Collectors.toUnmodifiableSet());
    }

    static Optional<Word> word(String key, Scope... scopes) {
        return words(scopes).stream().filter(word -> word.key().equals(key)).findFirst();
    }
}
