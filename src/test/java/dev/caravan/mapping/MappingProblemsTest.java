package dev.caravan.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong in a mapping is told with its line. */
class MappingProblemsTest {
    @Test
    void tellsAllThatIsWrongInTheOrderOfTheFile() {
        // Given
        String yaml =
                """
                typ: identify
                type: identfy
                userId: {pth: $.x}
                traits:
                  a: {path: $.x, defualt: 3}
                  a: 3
                """;
        // When
        List<String> problems = problems(yaml);
        // Then
        assertThat(problems)
                .containsExactly(
                        "crm.yaml:1:1: unknown field 'typ'; did you mean 'type'?",
                        "crm.yaml:2:7: type: 'identfy' is no call; did you mean 'identify'?",
                        "crm.yaml:3:9: userId: must say where the value comes from: path, template or value ('pth' is unknown; did you mean 'path'?)",
                        "crm.yaml:5:18: traits.a: unknown word 'defualt' beside 'path'; did you mean 'default'? Or, if 'path' is a field of the event here, put the object under 'fields'",
                        "crm.yaml:6:3: 'a' stands here twice, first in line 5");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "no                                             | is 'no' a text? Then put it in quotes",
                "~                                              | is '~' a text?",
                "007                                            | is '007' a text?",
                "0x1F                                           | is '0x1F' a text?",
                ".5                                             | is '.5' a text?",
                "1_000                                          | is '1_000' a text?",
                "!!binary abc                                   | tags such as",
                "$x                                             | a path is '$' or '$item' with '.name' or '[...]'",
                "$.                                             | is not JSONPath",
                "'$.x['                                         | opens nothing",
                "'$.x[?(@.a =]'                                 | is not JSONPath",
                "$.list.sum()                                   | calculates in floating point",
                "$.list.lenght()                                | did you mean 'length'?",
                "$.map.keys()                                   | unknown function 'keys'",
                "'$.concat($.first, \" \", $.last)'              | there is 'template'",
                "$.list.append(1)                               | 'append' is a function with arguments",
                "$.list.index(0)                                | write [0]",
                "'$.list[?(@.length($.n) > 1)]'                 | 'length' is a function with arguments",
                "$item.x                                        | there is none here",
                "{path: $.a, template: '{b}'}                   | has 'path' and 'template'",
                "{path: a}                                      | a path is '$'",
                "{path: [$.a]}                                  | must be a path such as $.name",
                "{path: $.a, trim: yes}                         | must be true or false here",
                "{path: $.a, lower: true, upper: true}          | lower or upper",
                "{path: $.a, otherwise: 3}                      | no meaning without 'lookup'",
                "{path: $.a, lookup: [A]}                       | 'lookup' must be a table",
                "{path: $.a, type: nubmer}                      | unknown type 'nubmer'; did you mean 'number'?",
                "{path: $.a, zone: UTC}                         | only with 'type: date'",
                "{path: $.a, decimals: 2}                       | only with 'type: number'",
                "{path: $.a, type: number, decimal: x}          | 'decimal' must be",
                "{path: $.a, type: number, grouping: .}         | 'grouping' must be",
                "{path: $.a, type: number, decimals: 2, decimal: ','} | no meaning",
                "{path: $.a, type: date, zone: Europe/Berln}    | did you mean 'Europe/Berlin'?",
                "{path: $.a, type: date, as: day}               | unknown form 'day'",
                "{path: $.a, type: date, format: yyyy-mm-dd, zone: UTC} | month M",
                "{path: $.a, type: date, format: 'yyyy-MM-dd HH:MM', zone: UTC} | minute m",
                "{path: $.a, type: date, format: 'dd HH:MM yyyy', zone: UTC} | minute m",
                "{path: $.a, type: date, format: YYYY-MM-dd, zone: UTC} | does not say a whole date",
                "{path: $.a, type: date, format: 'yyyy-MM-dd hh:mm', zone: UTC} | h needs a",
                "{path: $.a, type: date, format: 'q{'}          | is no date pattern",
                "{path: $.a, type: date, format: yyyy-MM-dd}    | says no zone; add 'zone'",
                "{path: $.a, type: date, locale: xyzw}          | unknown locale",
                "{template: plain}                              | has no {name} in it",
                "{template: '{a'}                               | a '{' without '}'",
                "{template: 'a}'}                               | a '}' without '{'",
                "{template: '{}'}                               | names nothing",
                "{path: $.a, url: $.b}                          | put the object under 'fields'",
                "{pth: $.a, default: 3}                         | did you mean 'path'?",
                "{fields: {a: 1}, default: 3}                   | 'default' has no meaning beside 'fields'",
                "{fields: 3}                                    | 'fields' must be an object",
                "{each: $.a, uper: true}                        | unknown word 'uper'",
            })
    void tellsWhatIsWrongWithAValue(String value, String rule) {
        // When
        List<String> problems = problems("type: identify\nuserId: u\ntraits:\n  v: " + value);
        // Then
        assertThat(problems).isNotEmpty();
        assertThat(problems.get(0)).startsWith("crm.yaml:4:").contains(rule);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{userId: u}                                        | type: must be there",
                "{type: track, userId: u}                           | a track call needs 'event'",
                "{type: track, event: X}                            | a track call needs 'userId' or 'anonymousId' or 'groupId'",
                "{type: identify}                                   | an identify call needs",
                "{type: group, userId: u}                           | a group call needs 'groupId'",
                "{type: alias, userId: u}                           | an alias call needs 'previousId'",
                "{type: identify, userId: [a]}                      | must be one value, not a list",
                "{type: identify, userId: {fields: {a: 1}}}         | must be one value, not an object or a list",
                "{type: identify, userId: {path: $.a, type: number}} | is always a text",
                "{type: identify, userId: u, timestamp: yesterday}  | must be an ISO-8601 date-time",
                "{type: identify, userId: u, timestamp: {path: $.t, as: seconds}} | is always sent as iso",
                "{type: identify, userId: u, traits: 3}             | must be an object, or a path to one",
                "{type: identify, userId: u, messageId: {key: []}}  | must name at least one value",
                "{type: identify, userId: u, messageId: {key: $.a, path: $.b}} | no meaning beside 'key'",
                "{type: identify, userId: u, skip: x}               | 'skip' has no place here",
                "{type: identify, userId: u, when: otherwise}       | only in an entry of 'events'",
                "{type: identify, userId: u, when: status}          | must be a path",
                "{type: identify, userId: u, when: {path: $.a}}     | must have one of 'is', 'isNot' and 'present'",
                "{type: identify, userId: u, when: {path: $.a, iss: b}} | did you mean 'is'?",
                "{type: identify, userId: u, when: {path: $.a, is: null}} | present: false",
                "{events: []}                                       | must be a list of events",
                "{events: [x]}                                      | an entry of 'events' is an object",
                "{when: $.a, events: [{type: identify, userId: u}]} | 'when' has no place here",
                "{events: [{skip: x}]}                              | 'skip' needs a 'when'",
                "{events: [{skip: x, when: $.a, userId: u}]}        | has no place in an entry with 'skip'",
                "{type: identify, userId: u, description: {a: b}}   | must be a text",
                "[a]                                                | a mapping is an object",
                "``                                                 | the file is empty",
                "{type: identify, userId: $['a, b']}                | needs quotes inside of { }",
            })
    void tellsWhatIsWrongWithAnEvent(String yaml, String rule) {
        assertThat(problems(yaml)).anySatisfy(problem -> assertThat(problem).contains(rule));
    }

    @Test
    void refusesATreeThatGrowsThroughItsAnchors() {
        // Given
        var yaml = new StringBuilder("type: identify\nuserId: u\ntraits:\n  a0: &a0 [x, x]\n");
        for (int i = 1; i < 20; i++) {
            yaml.append("  a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
        }
        // Then
        assertThat(problems(yaml.toString()))
                .anySatisfy(one -> assertThat(one).contains("more than"));
        assertThat(problems("type: identify\nuserId: u\ntraits: &t\n  a: *t\n")).isNotEmpty();
    }

    @Test
    void sharesATableThroughAnAnchor() throws MappingException {
        assertThat(
                        Mapping.parse(
                                        "crm.yaml",
                                        """
                                        type: identify
                                        userId: u
                                        messageId: {key: $}
                                        traits:
                                          a: {path: $.a, lookup: &t {A: 1}}
                                          b: {path: $.b, lookup: *t}
                                        """)
                                .warnings())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{type: identify, userId: $.id}                                  | there is none",
                "{type: identify, userId: $.id, messageId: $.id}                 | only says who is meant",
                "{type: identify, userId: $.id, messageId: {key: \"$['id']\"}}   | only says who is meant",
                "{type: identify, userId: $.id, messageId: {template: 'x-{id}'}} | only says who is meant",
                "{type: identify, userId: $.id, messageId: {key: [constant]}}    | only says who is meant",
                "{type: identify, userId: u, messageId: $.m, properties: {a: 1}} | an identify call has 'traits'",
                "{type: identify, userId: u, messageId: $.m, event: X}           | only a track call",
            })
    void warnsOfWhatIsHardlyMeant(String yaml, String warning) throws MappingException {
        assertThat(Mapping.parse("crm.yaml", yaml).warnings())
                .singleElement()
                .asString()
                .contains(warning);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{type: identify, userId: $.id, messageId: {key: [$.id, $.at]}}",
                "{type: identify, userId: $.id, messageId: {key: $}}",
                "{type: track, event: X, userId: $.id, messageId: $.order}",
            })
    void doesNotWarnOfIdsThatTellVersionsApart(String yaml) throws MappingException {
        assertThat(Mapping.parse("crm.yaml", yaml).warnings()).isEmpty();
    }

    private static List<String> problems(String yaml) {
        MappingException e =
                catchThrowableOfType(MappingException.class, () -> Mapping.parse("crm.yaml", yaml));
        return e == null ? List.of() : e.problems().stream().map(Problem::toString).toList();
    }
}
