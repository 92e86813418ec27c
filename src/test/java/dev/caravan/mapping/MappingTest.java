package dev.caravan.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of records. */
class MappingTest {
    @Test
    void writesTheFieldsOfTheEventInTheirUsualOrder() {
        assertThat(
                        event(
                                """
                                properties: {total: 42.50}
                                userId: $.id
                                event: Order Completed
                                type: track
                                """,
                                "{\"id\": 12345678901234567890}"))
                .isEqualTo(
                        "{\"type\":\"track\",\"event\":\"Order Completed\",\"userId\":\"12345678901234567890\",\"properties\":{\"total\":42.50}}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "$.s                                                    | ` x `",
                "{path: $.s, trim: true}                                | `x`",
                "{path: $.s, trim: true, upper: true}                   | `X`",
                "$.n                                                    | 1.50",
                "{path: $.n, type: string}                              | `1.50`",
                "{path: $.nine, type: number}                           | -9",
                "{path: $.flag, type: boolean}                          | true",
                "{path: $.nope, default: 5}                             | 5",
                "{path: $.none, default: null}                          | null",
                "{path: $.empty, default: {path: $.n}}                  | 1.50",
                "{path: $.nope, default: []}                            | []",
                "{path: $.none, keepNull: true}                         | null",
                "{path: $.empty, keepEmpty: true}                       | ``",
                "{path: $.code, lookup: {A: 1, NO: true}}               | true",
                "{path: $.n, lookup: {1.50: hit}}                       | `hit`",
                "{path: $.s, lookup: {A: 1}, otherwise: 7}              | 7",
                "{path: $.s, lookup: {A: 1}, otherwise: $.n}            | 1.50",
                "{path: $.code, lookup: {NO: null}}                     | null",
                "{template: '{code}-{n}'}                               | `NO-1.50`",
                "{template: '{empty} {code}'}                           | `NO`",
                "{template: '{{{$.list[1].a}}}'}                        | `{2}`",
                "{template: '{My Column}'}                              | `mine`",
                "\"$['My Column']\"                                     | `mine`",
                "{value: $5}                                            | `$5`",
                "{path: $.list, first: true}                            | {a:1}",
                "'$.list[?(@.a == 2)].a'                                | [2]",
                "{path: '$..a', first: true}                            | 1",
                "{each: $.list, path: $item.a}                          | [1,2]",
                "{each: $.list, fields: {path: $item.a, n: $.n}}        | [{path:1,n:1.50},{path:2,n:1.50}]",
                "{each: $.n}                                            | [1.50]",
                "{each: $.nope, default: null}                          | null",
                "{each: $.nope, path: $item, upper: true, default: null} | null",
                "{each: $.tags, path: $item, upper: true}               | [`A`,`B`]",
                "{each: $.tags}                                         | [`a`,``,`b`]",
                "{each: $.matrix, fields: {row: {each: $item, path: $item, type: string}}} | [{row:[`1`,`2`]},{row:[`3`]}]",
                "{each: $.nothing}                                      | []",
                "[a, $.nope, $.n]                                       | [`a`,1.50]",
                "{a: {b: $.n}}                                          | {a:{b:1.50}}",
                "{fields: {path: $.n}}                                  | {path:1.50}",
                "$.list                                                 | [{a:1},{a:2}]",
                "$.list.length()                                        | 2",
                "$.list.first()                                         | {a:1}",
            })
    void makesAValue(String yaml, String expected) {
        // Given
        String record =
                "{'s': ' x ', 'n': 1.50, 'nine': ' -9 ', 'flag': 'Yes', 'none': null, 'empty': '', 'code': 'NO',"
                        + "'My Column': 'mine', 'list': [{'a': 1}, {'a': 2}], 'tags': ['a', '', 'b'],"
                        + "'matrix': [[1, 2], [3]], 'nothing': []}";
        // When
        String event =
                event("{type: identify, userId: u, traits: {v: " + yaml + "}}", json(record));
        // Then
        String value = expected.replace('`', '"').replaceAll("([{,])([a-z]+):", "$1\"$2\":");
        assertThat(event)
                .isEqualTo(
                        "{\"type\":\"identify\",\"userId\":\"u\",\"traits\":{\"v\":%s}}"
                                .formatted(value));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$.nope",
                "$.none",
                "$.empty",
                "{path: $.blank, trim: true}",
                "{path: $.zero, absent: ['00000000']}",
                "{path: $.one, absent: ['1']}",
                "{template: '{nope} {empty}'}",
                "{each: $.nope}",
                "[$.nope, $.none]",
                "{a: {b: $.nope}, c: [{d: $.none}]}",
                "'$.list[?(@.a == 9)]'",
                "{path: $.none, type: number, lookup: {A: 1}}",
                "$.emptyList.first()",
            })
    void leavesOutWhatIsNothing(String yaml) {
        // Given
        String record =
                json(
                        "{'none': null, 'empty': '', 'blank': '  ', 'zero': '00000000', 'one': 1, 'emptyList': [], 'list': [{'a': 1}]}");
        // When
        String event = event("{type: identify, userId: u, traits: {v: " + yaml + "}}", record);
        // Then
        assertThat(event).isEqualTo("{\"type\":\"identify\",\"userId\":\"u\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{path: $.v, required: true}                    | REQUIRED | the value of $.v must be there and not empty",
                "{path: $.text, type: number}                   | TYPE     | the value of $.text must be a number",
                "{path: $.text, type: boolean}                  | TYPE     | the value of $.text must be true or false",
                "{path: $.text, type: date, format: [iso, millis]} | TYPE  | the value of $.text must be a date of the form 'iso' (ISO-8601) or 'millis'",
                "{path: $.day, type: date}                      | TYPE     | the value of $.day says no zone; add 'zone' to the mapping",
                "{path: $.v, default: $.w, required: true}      | REQUIRED | the value of $.v must be there and not empty",
                "{path: $.text, lookup: {A: 1}, otherwise: $.w, required: true} | REQUIRED | the value of $.text must be there and not empty",
                "{path: $.list, type: string}                   | TYPE     | the value of $.list must be a text, a number or a boolean",
                "{path: $.text, lookup: {A: 1}}                 | LOOKUP   | the value of $.text must be in the lookup table; add it there, or 'otherwise'",
                "{path: $.list, lookup: {A: 1}}                 | LOOKUP   | the value of $.list is an object or a list and cannot be looked up",
                "{path: $.odd, type: date}                      | TYPE     | the value of $.odd must be a date of the form 'iso' (ISO-8601)",
                "{path: $.huge, type: number}                   | TYPE     | the value of $.huge must be a number",
                "{template: '{list}'}                           | TYPE     | {list} of the template is an object or a list, which has no text",
            })
    void rejectsWithTheFieldTheRuleAndTheLineAndWithoutTheContent(
            String yaml, Made.Rule rule, String reason) {
        // Given
        String mapping = "type: identify\nuserId: u\ntraits:\n  v: " + yaml;
        // When
        List<Made> made =
                made(
                        mapping,
                        json(
                                "{'text': 'secret', 'day': '2026-01-01', 'list': ['secret'], 'odd': '2026-08-21T10:15:30+18:30', 'huge': '1e10000'}"));
        // Then
        assertThat(made).hasSize(1);
        Made.Rejected rejected = (Made.Rejected) made.get(0);
        assertThat(rejected.field()).isEqualTo("traits.v");
        assertThat(rejected.rule()).isEqualTo(rule);
        assertThat(rejected.reason()).isEqualTo(reason);
        assertThat(rejected.message("sample.csv, record 12"))
                .isEqualTo(
                        "sample.csv, record 12: field 'traits.v': %s (%s, mappings/crm.yaml:4)"
                                .formatted(reason, rule));
    }

    @Test
    void tellsAllThatIsWrongAndMakesNoEventOfHalfARecord() {
        // Given
        String mapping =
                """
                userId: u
                events:
                  - {type: identify}
                  - {type: track, event: X, properties: {a: {path: $.a, type: number}, b: {path: $.b, required: true}}}
                """;
        // When
        List<Made> made = made(mapping, "{\"a\": \"x\"}");
        // Then
        assertThat(made)
                .extracting(one -> ((Made.Rejected) one).field())
                .containsExactly("properties.a", "properties.b");
    }

    @Test
    void makesWhatHoldsAndNothingBehindASkip() {
        // Given
        String mapping =
                """
                userId: $.id
                events:
                  - {when: {path: $.kind, is: [test, demo]}, skip: not a customer}
                  - {when: "$[?(@.age >= 18)]", type: track, event: Grown Up}
                  - {when: {path: $.gone, present: true}, type: track, event: User Deleted}
                  - {when: otherwise, type: identify}
                """;
        // Then
        assertThat(events(mapping, "{'id': 1, 'kind': 'test', 'age': 20}"))
                .isEqualTo("skipped: not a customer");
        assertThat(events(mapping, "{'id': 1, 'age': 20, 'gone': 'y'}"))
                .contains("Grown Up")
                .contains("User Deleted")
                .doesNotContain("identify");
        assertThat(events(mapping, "{'id': 1, 'age': 17}"))
                .isEqualTo("{\"type\":\"identify\",\"userId\":\"1\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{path: $.status, is: D}                            | true",
                "{path: $.status, is: d}                            | false",
                "{path: $.status, lower: true, is: d}               | true",
                "{path: $.status, isNot: [A, B]}                    | true",
                "{path: $.nope, isNot: D}                           | true",
                "{path: $.nope, is: D}                              | false",
                "{path: $.amount, is: 10}                           | true",
                "{path: $.amount, is: '10'}                         | false",
                "{path: $.cell, is: 10}                             | true",
                "{path: $.flag, is: false}                          | true",
                "{path: $.empty, present: false}                    | true",
                "{path: $.nope, present: true}                      | false",
                "$.status                                           | true",
                "$.flag                                             | false",
                "$.nope                                             | false",
                "$.empty                                            | false",
                "[$.status, {path: $.amount, is: 10}]               | true",
                "[$.status, $.nope]                                 | false",
                "{template: '{status}{cell}', is: D10}              | true",
            })
    void asksWhetherAConditionHolds(String when, boolean holds) {
        // Given
        String mapping =
                "userId: u\nevents:\n  - {when: %s, type: identify}\n  - {when: otherwise, skip: no}"
                        .formatted(when);
        // When
        String made =
                events(
                        mapping,
                        "{'status': 'D', 'amount': 10.0, 'cell': '10', 'flag': false, 'empty': ''}");
        // Then
        assertThat(made.startsWith("skipped")).isEqualTo(!holds);
    }

    @Test
    void rejectsARecordOfWhichNothingBecomes() {
        assertThat(made("{type: identify, userId: u, when: $.nope}", "{}"))
                .extracting(one -> ((Made.Rejected) one).rule())
                .containsExactly(Made.Rule.NO_EVENT);
    }

    @Test
    void makesAnEventOfEachElement() {
        // Given
        String mapping =
                "{type: track, event: Sold, userId: $.id, each: $.lines, messageId: {key: $.no}, properties: {sku: $item.sku}}";
        // When
        List<Made> made =
                made(mapping, json("{'id': 'u', 'no': 1, 'lines': [{'sku': 'a'}, {'sku': 'b'}]}"));
        // Then
        assertThat(made).hasSize(2);
        assertThat(text(made.get(0))).contains("\"sku\":\"a\"");
        assertThat(text(made.get(1))).contains("\"sku\":\"b\"");
        assertThat(idOf(made.get(0))).isNotEqualTo(idOf(made.get(1)));
    }

    @Test
    void givesTheSameIdToTheSameKeyAndAnotherToAnother() {
        // Given
        String mapping = "{type: track, event: %s, userId: u, messageId: {key: [$.a, $.b]}}";
        String id = idOf(made(mapping.formatted("X"), "{\"a\": 1, \"b\": \"2\"}").get(0));
        // Then
        assertThat(id).matches("[0-9a-f]{32}");
        assertThat(idOf(made(mapping.formatted("X"), "{\"b\": 2, \"a\": \"1\", \"c\": 3}").get(0)))
                .isEqualTo(id);
        assertThat(idOf(made(mapping.formatted("X"), "{\"a\": 12, \"b\": \"\"}").get(0)))
                .isEqualTo("rejected");
        assertThat(idOf(made(mapping.formatted("X"), "{\"a\": 12, \"b\": 1}").get(0)))
                .isNotEqualTo(id);
        assertThat(idOf(made(mapping.formatted("Y"), "{\"a\": 1, \"b\": \"2\"}").get(0)))
                .isNotEqualTo(id);
    }

    @Test
    void takesTheWholeRecordAsKeyWhateverTheOrderOfItsMembers() {
        // Given
        String mapping = "{type: identify, userId: u, messageId: {key: $}}";
        String id = idOf(made(mapping, "{\"a\": {\"x\": 1, \"y\": [2]}, \"b\": null}").get(0));
        // Then
        assertThat(idOf(made(mapping, "{\"b\": null, \"a\": {\"y\": [2], \"x\": 1}}").get(0)))
                .isEqualTo(id);
        assertThat(idOf(made(mapping, "{\"b\": null, \"a\": {\"y\": [2], \"x\": 1.5}}").get(0)))
                .isNotEqualTo(id);
    }

    @Test
    void rejectsARecordWhoseEventsWouldHaveOneId() {
        // Given
        String mapping =
                """
                userId: u
                messageId: $.no
                events: [{type: identify}, {type: track, event: X}]
                """;
        // Then
        assertThat(made(mapping, "{\"no\": \"1\"}"))
                .extracting(one -> ((Made.Rejected) one).rule())
                .containsExactly(Made.Rule.SAME_ID);
    }

    @Test
    void makesNoIdOfAPartOfATemplate() {
        assertThat(
                        made(
                                "{type: identify, userId: u, messageId: {template: 'crm-{id}-{version}'}}",
                                "{\"id\": 1}"))
                .extracting(one -> ((Made.Rejected) one).rule())
                .containsExactly(Made.Rule.REQUIRED);
    }

    @Test
    void makesNoIdOfAPartOfATemplateInAKey() {
        // Given
        String mapping =
                "{type: track, event: E, userId: u, messageId: {key: [{template: '{a}{b}'}]}}";
        // Then
        assertThat(idOf(made(mapping, "{\"a\": \"1\", \"b\": \"2\"}").get(0)))
                .isNotEqualTo("rejected");
        for (String part : List.of("{\"a\": \"1\", \"b\": \"\"}", "{\"b\": \"1\"}")) {
            assertThat(made(mapping, part))
                    .extracting(one -> ((Made.Rejected) one).rule())
                    .containsExactly(Made.Rule.REQUIRED);
        }
    }

    @Test
    void takesNoNothingForAnId() {
        assertThat(
                        made(
                                "{type: identify, userId: u, messageId: {path: $.a, default: $.b}}",
                                "{\"b\": \"\"}"))
                .extracting(one -> ((Made.Rejected) one).rule())
                .containsExactly(Made.Rule.REQUIRED);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-10-25 02:30 CEST, 2026-10-25T00:30:00.000Z",
        "2026-10-25 02:30 CET, 2026-10-25T01:30:00.000Z",
        "2026-07-01 12:00 CEST, 2026-07-01T10:00:00.000Z",
        "2026-01-01 12:00 cet, 2026-01-01T11:00:00.000Z",
        "2026-01-01 12:00 EST, 2026-01-01T17:00:00.000Z",
        "2026-07-01 12:00 EDT, 2026-07-01T16:00:00.000Z",
        "2026-07-01 12:00 UTC, 2026-07-01T12:00:00.000Z",
        "2026-07-01 12:00 GMT, 2026-07-01T12:00:00.000Z",
        "2026-07-01 12:00 CET,",
        "2026-07-01 12:00 EST,",
        "2026-01-01 12:00 CEST,",
    })
    void takesTheNameOfAZoneForWhatItMeans(String text, String instant) {
        // When
        List<Made> made =
                made(
                        "{type: identify, userId: u, timestamp: {path: $.t, format: 'yyyy-MM-dd HH:mm z'}}",
                        "{\"t\": \"" + text + "\"}");
        // Then
        if (instant == null) {
            assertThat(made).singleElement().isInstanceOf(Made.Rejected.class);
        } else {
            assertThat(text(made.get(0))).contains("\"timestamp\":\"" + instant + "\"");
        }
    }

    @Test
    void computesTypeAndName() {
        // Given
        String mapping =
                """
                type: {path: $.status, lookup: {D: track}, otherwise: identify}
                event: {path: $.status, lookup: {D: User Deleted}, otherwise: "-"}
                userId: $.id
                """;
        // Then
        assertThat(event(mapping, "{\"id\": \"1\", \"status\": \"D\"}"))
                .isEqualTo("{\"type\":\"track\",\"event\":\"User Deleted\",\"userId\":\"1\"}");
    }

    @Test
    void replacesSharedFieldsAsAWhole() {
        // Given
        String mapping =
                """
                userId: $.id
                traits: {a: 1}
                events: [{type: identify}, {type: identify, traits: {b: 2}, userId: other}]
                """;
        // Then
        assertThat(events(mapping, "{'id': 'u'}"))
                .isEqualTo(
                        "{\"type\":\"identify\",\"userId\":\"u\",\"traits\":{\"a\":1}}\n"
                                + "{\"type\":\"identify\",\"userId\":\"other\",\"traits\":{\"b\":2}}");
    }

    @Test
    void takesNothingThatHasNoPlaceInJson() {
        // Given
        Mapping mapping = parse("{type: identify, userId: u, traits: {v: $.v, t: $.t}}");
        java.util.Map<String, Object> row = new java.util.HashMap<>();
        row.put("v", 0.1d);
        // Then
        assertThat(text(mapping.events(row).get(0))).contains("\"v\":0.1");
        row.put("v", Double.NaN);
        row.put("t", new Object());
        assertThat(mapping.events(row))
                .extracting(one -> ((Made.Rejected) one).rule())
                .containsOnly(Made.Rule.RECORD);
    }

    /** Each of the paths goes through the library, which must not keep anything of a record. */
    @Test
    void putsNothingOfARecordIntoTheEventOfAnother() throws Exception {
        // Given
        Mapping mapping =
                parse(
                        """
                        type: identify
                        userId: $.id
                        traits:
                          name: $.names.first()
                          length: $.names.length()
                          found: "$.names[?(@ == $.id)]"
                          all: $..id
                          text: {template: "{$.names.last()} {id}"}
                        """);
        // When
        List<java.util.concurrent.Callable<Long>> tasks =
                List.of(() -> wrong(mapping, "a"), () -> wrong(mapping, "b"));
        var threads = java.util.concurrent.Executors.newFixedThreadPool(tasks.size());
        long wrong = 0;
        try {
            for (var task : threads.invokeAll(tasks)) {
                wrong += task.get();
            }
        } finally {
            threads.shutdownNow();
        }
        // Then
        assertThat(wrong).isZero();
    }

    private static long wrong(Mapping mapping, String who) {
        return java.util.stream.LongStream.range(0, 20_000)
                .filter(
                        i -> {
                            String id = who + i;
                            Object record =
                                    java.util.Map.of("id", id, "names", List.of("x" + id, id));
                            String expected =
                                    "{'type':'identify','userId':'%1$s','traits':{'name':'x%1$s','length':2,'found':['%1$s'],'all':['%1$s'],'text':'%1$s %1$s'}}";
                            return !text(mapping.events(record).get(0))
                                    .equals(json(expected.formatted(id)));
                        })
                .count();
    }

    @Test
    void rejectsARecordAtWhichALibraryStumbles() {
        // Given
        Object odd =
                new java.util.AbstractMap<String, Object>() {
                    @Override
                    public java.util.Set<Entry<String, Object>> entrySet() {
                        throw new IllegalStateException("secret");
                    }
                };
        // When
        List<Made> made = parse("{type: identify, userId: u, traits: {v: $.v}}").events(odd);
        // Then
        assertThat(made)
                .singleElement()
                .isInstanceOfSatisfying(
                        Made.Rejected.class,
                        one -> {
                            assertThat(one.rule()).isEqualTo(Made.Rule.RECORD);
                            assertThat(one.reason()).doesNotContain("secret");
                        });
    }

    @Test
    void rejectsWhatIsNestedWithoutEnd() {
        // Given
        List<Object> deep = new java.util.ArrayList<>();
        deep.add(deep);
        Mapping mapping =
                parse(
                        "{userId: u, events: [{type: identify, traits: {v: $}}, {type: page}, {when: otherwise, type: screen, name: {path: $.n, required: true}}]}");
        // Then
        assertThat(mapping.events(deep))
                .extracting(one -> ((Made.Rejected) one).rule())
                .containsExactly(Made.Rule.RECORD);
        assertThat(mapping.fragments(deep))
                .extracting(one -> new String(one, StandardCharsets.UTF_8))
                .containsExactly("{\"type\":\"page\",\"userId\":\"u\"}");
    }

    // --- how to read it

    static Mapping parse(String yaml) {
        try {
            return Mapping.parse("mappings/crm.yaml", yaml);
        } catch (MappingException e) {
            throw new AssertionError(e.getMessage(), e);
        }
    }

    static List<Made> made(String yaml, String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        try {
            return parse(yaml).events(Json.toValue(bytes, 0, bytes.length));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String events(String yaml, String record) {
        return String.join("\n", made(yaml, json(record)).stream().map(MappingTest::text).toList());
    }

    private static String event(String yaml, String json) {
        List<Made> made = made(yaml, json);
        assertThat(made).hasSize(1);
        return text(made.get(0));
    }

    static String text(Made made) {
        if (made instanceof Made.Item item) {
            return new String(item.json(), StandardCharsets.UTF_8);
        } else if (made instanceof Made.Skipped skipped) {
            return "skipped: " + skipped.reason();
        }
        return "rejected: " + ((Made.Rejected) made).message("");
    }

    private static String idOf(Made made) {
        return made instanceof Made.Item
                ? text(made).replaceAll(".*\"messageId\":\"([^\"]*)\".*", "$1")
                : "rejected";
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }
}
