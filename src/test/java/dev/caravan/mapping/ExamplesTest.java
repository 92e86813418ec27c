package dev.caravan.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.event.EventReader;
import dev.caravan.event.SemanticNames;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExamplesTest {
    private static final Mapping MAPPING =
            MappingTest.parse(
                    """
                    userId: $.id
                    messageId: {key: $}
                    events:
                      - {when: {path: $.kind, is: test}, skip: test}
                      - {type: track, event: $.event, properties: {n: {path: $.n, type: number}, list: $.list}}
                    """);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{id: u, event: X, n: '1.50'} | events: [{type: track, userId: u, event: X, properties: {n: 1.5}}] | ",
                "{id: u, event: X, n: 2}      | events: [{type: track, userId: u, event: X, properties: {n: 1.5}}] | event 1: properties.n: expected 1.5 but was 2",
                "{id: u, event: X, n: 2}      | events: [{type: track, userId: u, event: X}]                       | event 1: properties: not expected, but was {\"n\":2}",
                "{id: u, event: X}            | events: [{type: track, userId: u, event: X, properties: {n: 1}}]   | event 1: properties: expected {\"n\":1} but it is not there",
                "{id: u, event: X, list: [a]} | events: [{type: track, userId: u, event: X, properties: {list: [b, c]}}] | event 1: properties.list: expected 2 elements but there are 1; event 1: properties.list[0]: expected \"b\" but was \"a\"",
                "{id: u, event: X}            | events: [{type: track, userId: u, event: X, messageId: m}]         | event 1: messageId: expected \"m\" but was",
                "{id: u, event: X}            | events: [{type: track, userId: u, event: X}, {type: identify}]     | expected 2 events but there are 1; event 2: is not there",
                "{id: u, event: X, n: many}   | rejected: [properties.n]                                           | ",
                "{id: u, event: X, n: many}   | rejected: [TYPE]                                                   | ",
                "{id: u, event: X, n: many}   | rejected: [userId]                                                 | expected a rejection for 'userId', but there is none; rejected, too: field 'properties.n'",
                "{id: u, event: X, n: 1}      | rejected: [properties.n]                                           | expected a rejection for 'properties.n', but there is none",
                "{id: u, event: X, n: many}   | events: [{type: track}]                                            | rejected: field 'properties.n'",
                "{id: u, event: user deleted} | events: [{type: track}]                                            | rejected: the name is almost 'User Deleted'",
                "{id: u, event: user deleted} | rejected: [NEAR_MISS]                                              | ",
                "{id: u, kind: test}          | skipped: true                                                      | ",
                "{id: u, event: X}            | skipped: true                                                      | expected to be skipped, but became 1 event",
                "{id: u, kind: test}          | events: [{type: track}]                                            | skipped: test",
            })
    void comparesWhatIsMadeWithWhatIsExpected(String record, String expected, String difference)
            throws MappingException {
        // Given
        Examples examples =
                Examples.parse(
                        "crm.test.yaml",
                        "tests:\n  - name: it\n    record: %s\n    %s\n"
                                .formatted(record, expected));
        // When
        List<Examples.Outcome> outcomes =
                examples.run(MAPPING, new EventReader(new SemanticNames(false, Set.of())));
        // Then
        assertThat(outcomes).hasSize(1);
        assertThat(outcomes.get(0).line()).isEqualTo(2);
        if (difference == null) {
            assertThat(outcomes.get(0).differences()).isEmpty();
        } else {
            assertThat(String.join("; ", outcomes.get(0).differences())).startsWith(difference);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{test: []}                                   | unknown word 'test'; did you mean 'tests'?",
                "{tests: []}                                  | 'tests' must be a list",
                "{tests: [{record: {}}]}                      | has one of 'events', 'rejected' and 'skipped'",
                "{tests: [{events: [{a: 1}]}]}                | needs a 'record'",
                "{tests: [{record: {}, events: []}]}          | must be a list with something in it",
                "{tests: [{record: {}, skipped: false}]}      | can only be true",
                "{tests: [{record: {a: no}, skipped: true}]}  | is 'no' a text?",
                "{tests: [{recrod: {}, skipped: true}]}       | did you mean 'record'?",
                "[a]                                          | must be an object with 'tests'",
            })
    void tellsWhatIsWrongWithTests(String yaml, String rule) {
        MappingException e =
                catchThrowableOfType(
                        MappingException.class, () -> Examples.parse("crm.test.yaml", yaml));
        assertThat(e.getMessage()).contains(rule).startsWith("crm.test.yaml:1:");
    }

    @Test
    void saysWhichMappingTheyAreAbout() throws MappingException {
        assertThat(
                        Examples.parse(
                                        "x.yaml",
                                        "{mapping: crm.yaml, tests: [{record: {}, skipped: true}]}")
                                .mapping())
                .contains("crm.yaml");
    }
}
