package dev.caravan.cli.lint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.app.OfflineSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What lint finds in a home, and what it leaves alone. */
class LintTest {
    private static final Path SHIPPED = Path.of("src/main/resources");
    private static final Pattern YAML = Pattern.compile("(?s)```yaml\n(.*?)```");

    private static final String BILLING =
            """
            - route:
                id: billing
                from:
                  uri: caravan:events
                  parameters:
                    destination: billing
                    erase: unsupported
                  steps:
                    - to: http://127.0.0.1:9700/events
            """;
    private static final String CRM =
            """
            - route:
                id: crm
                from:
                  uri: direct:crm
                  steps:
                    - to:
                        uri: caravan:events
                        parameters:
                          source: crm
            """;

    @TempDir Path home;

    // --- nothing to say

    @Test
    void hasNothingToSayOfAnEmptyHome() {
        assertThat(lint()).isEmpty();
    }

    @Test
    void hasNothingToSayOfWhatIsShipped() throws IOException {
        // Given: all of it as files of a user's
        copy("routes");
        copy("kamelets");
        // Then
        assertThat(lint()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/formats.md", "docs/connectors.md"})
    void hasNothingToSayOfTheRoutesInTheDocumentation(String page) throws IOException {
        // Given
        int number = 0;
        for (MatchResult block : YAML.matcher(Files.readString(Path.of(page))).results().toList()) {
            String yaml = block.group(1);
            if (yaml.contains("- route:") || yaml.contains("- templatedRoute:")) {
                number++;
                Path alone = Files.createDirectories(home.resolve("block" + number));
                Files.createDirectories(alone.resolve("mappings"));
                for (String name : names(yaml, "mapping: ([a-z-]+)")) {
                    Files.writeString(
                            alone.resolve("mappings/" + name + ".yaml"),
                            "{type: identify, userId: $.id, messageId: {key: [$.id, $.at]}}");
                }
                write("block" + number + "/routes/page.camel.yaml", yaml);
                // the second part of an example that the page tells in two
                if (yaml.contains("crm-person-deleted") && !yaml.contains("templatedRoute")) {
                    continue;
                }
                // Then
                assertThat(new Linter(alone, OfflineSettings.of(alone), false).run().findings())
                        .as(yaml)
                        .isEmpty();
            }
        }
        assertThat(number).isPositive();
    }

    // --- YAML and Camel's schema of it

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    descripton: x         | 3 | unknown key 'descripton' in 'route'; did you mean 'description'?
                    autoStartup: maybe    | 3 | 'autoStartup' must be true or false but is 'maybe'
                    startupOrder: first   | 3 | 'startupOrder' must be a number but is 'first'
                    shutdownRoute: Defre  | 3 | 'shutdownRoute' cannot be 'Defre'; did you mean 'Defer'?
                    errorHandler: none    | 3 | 'errorHandler' must be an object but is a text
                    routeConfigurationId: wait-for-journal | 3 | there is no route configuration 'wait-for-journal'; did you mean 'wait-for-the-journal'?
                    """)
    void tellsWhatCamelsSchemaDoesNotHave(String line, int at, String said) throws IOException {
        // Given
        write(
                "routes/a.camel.yaml",
                BILLING.replace("id: billing\n", "id: billing\n    %s\n".formatted(line)));
        // Then
        assertThat(lint())
                .containsExactly("HOME/routes/a.camel.yaml:%d: error: %s".formatted(at, said));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    - chioce: {}                    | unknown key 'chioce' in 'steps'; did you mean 'choice'?
                    - to: {uri: direct:b, urii: x}  | unknown key 'urii' in 'to'; did you mean 'uri'?
                    - to: {parameters: {a: b}}      | 'to' needs 'uri'
                    - setBody: {simpel: x}          | unknown key 'simpel' in 'setBody'; did you mean 'simple'?
                    - setBody: {simple: {expresion: x}} | unknown key 'expresion' in 'simple'; did you mean 'expression'?
                    - {log: a, stop: {}}            | 'log' and 'stop' belong into items of their own: write '-' before each
                    - choice: {when: {simple: x}}   | 'when' must be a list but is an object
                    - filter: {jsonpath: '$[0][?(@.a == ''b'''} | '$[0][?(@.a == 'b'' is not JSONPath: it ends too early
                    - setBody: {jsonpath: '$[0].concat($[0].a)'} | '$[0].concat($[0].a)' cannot be used here: 'concat' is a function with arguments, which events that are made at once would share; in a mapping there is 'template'
                    - filter: {jsonpath: '$.a['}    | '$.a[' is not JSONPath: the '[' at its end opens nothing
                    - to: filee:x                   | there is no component 'filee' in this jar; did you mean 'file'?
                    - to: {uri: 'file:x', parameters: {fileNmae: y}} | unknown option 'fileNmae' of 'file:'; did you mean 'fileName'?
                    - to: log:x?showAll=maybe       | 'showAll' must be true or false but is 'maybe'
                    - to: log:x?level=LOUD          | 'level' cannot be 'LOUD'; known are DEBUG, ERROR, INFO, OFF, TRACE, WARN
                    - to: log:x?groupSize=few       | 'groupSize' must be a whole number but is 'few'
                    - to: customerio:pipelines?regoin=eu | unknown option 'regoin' of 'customerio:'; did you mean 'region'?
                    - to: direct:billlng-x          | no route begins at 'direct:billlng-x'; did you mean 'direct:billing-x'?
                    - to: caravan:skip              | caravan:skip must say why: add 'reason: <words>' to its parameters
                    - to: caravan:evnets            | caravan: knows events, delivered, skip and address, but not 'evnets'
                    - to: kamelet:sft-source        | there is no kamelet 'sft-source'; did you mean 'sftp-source'?
                    - to: http:{{billing.hots}}/x   | no value for {{billing.hots}}: set it in application.properties or as the variable BILLING_HOTS; did you mean {{billing.host}}?
                    - to: http:{{env:NO_SUCH_NAME}} | no value for {{env:NO_SUCH_NAME}}: the environment has no variable NO_SUCH_NAME
                    """)
    void tellsWhatIsWrongInAStep(String step, String said) throws IOException {
        // Given
        write("application.properties", "billing.host=127.0.0.1\n");
        write(
                "routes/a.camel.yaml",
                BILLING
                        + "        "
                        + step
                        + "\n- route: {from: {uri: direct:b, steps: []}}"
                        + "\n- route: {from: {uri: direct:billing-x, steps: []}}");
        // Then
        assertThat(lint()).contains("HOME/routes/a.camel.yaml:10: error: " + said);
    }

    @Test
    void tellsWhereAFileIsNoYaml() throws IOException {
        // Given
        write("routes/a.camel.yaml", "- route:\n    id: a\n  id: [\n");
        // Then
        assertThat(lint())
                .singleElement()
                .asString()
                .startsWith("HOME/routes/a.camel.yaml:")
                .contains("error: it is not YAML");
    }

    @Test
    void tellsThatAFileIsNotLoadedForItsName() throws IOException {
        // Given
        write("routes/a.yaml", BILLING);
        write("kamelets/b.yaml", "x: y");
        // Then
        assertThat(lint())
                .containsExactly(
                        "HOME/kamelets/b.yaml:1: warning: it is not loaded: a kamelet's file ends in .kamelet.yaml",
                        "HOME/routes/a.yaml:1: warning: it is not loaded: a route file's name ends in .camel.yaml");
    }

    // --- destinations

    @Test
    void asksWhatADestinationDoesWithDeletions() throws IOException {
        // Given
        write("routes/a.camel.yaml", BILLING.replace("        erase: unsupported\n", ""));
        // Then
        assertThat(lint())
                .singleElement()
                .asString()
                .startsWith("HOME/routes/a.camel.yaml:4: error: destination 'billing': say what")
                .contains("add 'erase: route'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    batch: 0           | destination 'billing': batch must be 1 to 1000 but was 0
                    batchh: 1          | unknown option 'batchh' of 'caravan:'; did you mean 'batch'?
                    from: yesterday    | destination 'billing': from must be beginning or now but is 'yesterday'
                    parallel: many     | 'parallel' must be a whole number but is 'many'
                    """)
    void tellsWhatADestinationCannotHave(String option, String said) throws IOException {
        // Given
        write(
                "routes/a.camel.yaml",
                BILLING.replace("erase: unsupported", "erase: unsupported\n        " + option));
        // Then
        assertThat(lint()).containsExactly("HOME/routes/a.camel.yaml:8: error: " + said);
    }

    @Test
    void tellsOfTwoRoutesOfOneNameOrDestination() throws IOException {
        // Given
        write("routes/a.camel.yaml", BILLING);
        write("routes/b.camel.yaml", BILLING);
        // Then
        assertThat(lint())
                .containsExactly(
                        "HOME/routes/b.camel.yaml:2: error: the id 'billing' is taken by another route, HOME/routes/a.camel.yaml:2",
                        "HOME/routes/b.camel.yaml:2: error: the destination 'billing' is taken by another route, HOME/routes/a.camel.yaml:2");
    }

    @Test
    void looksAtWhatATemplateIsGiven() throws IOException {
        // Given
        write(
                "routes/crm.camel.yaml",
                """
                - templatedRoute:
                    routeTemplateRef: destination
                    routeId: crm
                    parameters:
                      - {name: destination, value: crm}
                      - {name: batch, value: "0"}
                      - {name: evnts, value: "x"}
                - route:
                    from:
                      uri: direct:crm-deliver
                      steps:
                        - to: http://127.0.0.1:9700
                - templatedRoute:
                    routeTemplateRef: destintion
                """);
        // Then
        assertThat(lint())
                .containsExactly(
                        "HOME/routes/crm.camel.yaml:2: error: destination 'crm': batch must be 1 to 1000 but was 0",
                        "HOME/routes/crm.camel.yaml:2: error: no route begins at 'direct:crm-person-deleted'; did you mean 'direct:customerio-person-deleted'?",
                        "HOME/routes/crm.camel.yaml:7: error: unknown parameter 'evnts' of the template 'destination'; did you mean 'events'?",
                        "HOME/routes/crm.camel.yaml:14: error: there is no route template 'destintion'; did you mean 'destination'?");
    }

    // --- out of the journal's hands

    @ParameterizedTest
    @ValueSource(
            strings = {
                "- to: seda:later",
                "- to: {uri: 'seda:later', parameters: {size: 10}}",
                "- wireTap: {uri: direct:next}",
                "- recipientList: {constant: 'mock:x, seda:later'}",
                "- routingSlip: {expression: {constant: {expression: 'seda:later'}}}",
                "- enrich: {constant: 'seda:later'}",
                "- threads: {}",
                "- aggregate: {correlationExpression: {constant: a}, completionSize: 2, steps: []}",
                "- multicast: {parallelProcessing: true, steps: [{to: direct:next}]}",
                "- split: {simple: '${body}', parallelProcessing: true, steps: [{to: direct:next}]}",
                "- choice: {when: [{simple: '${body} != null', steps: [{threads: {}}]}]}",
                "- doTry: {steps: [{wireTap: {uri: direct:next}}], doCatch: [{exception: [java.io.IOException]}]}",
                "- delay: {constant: 10, asyncDelayed: true}"
            })
    void refusesWhatLetsEventsGoOnByThemselves(String step) throws IOException {
        // Given: in the route itself, and in one that it calls
        String next = "- route: {from: {uri: direct:next, steps: [{log: sent}]}}\n";
        write("routes/a.camel.yaml", BILLING + "        " + step + "\n" + next);
        write(
                "routes/b.camel.yaml",
                BILLING.replace("billing", "crm")
                                .replace("http://127.0.0.1:9700/events", "direct:crm")
                        + "- route:\n    from:\n      uri: direct:crm\n      steps:\n        "
                        + step
                        + "\n");
        // Then
        assertThat(lint())
                .filteredOn(line -> line.contains("lets events go on by themselves"))
                .hasSize(2)
                .allMatch(line -> line.contains(": error: "))
                .anyMatch(line -> line.startsWith("HOME/routes/a.camel.yaml:10: "))
                .anyMatch(line -> line.startsWith("HOME/routes/b.camel.yaml:14: "))
                .anyMatch(line -> line.contains("destination 'billing'"))
                .anyMatch(line -> line.contains("destination 'crm'"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "- multicast: {steps: [{to: direct:next}]}",
                "- split: {simple: '${body}', parallelProcessing: false, steps: [{to: direct:next}]}",
                "- delay: {constant: 10}",
                "- to: direct:next"
            })
    void leavesAloneWhatStaysInTheRoute(String step) throws IOException {
        // Given
        write(
                "routes/a.camel.yaml",
                BILLING
                        + "        "
                        + step
                        + "\n- route: {from: {uri: direct:next, steps: [{to: direct:next}]}}\n");
        // Then
        assertThat(lint()).isEmpty();
    }

    @Test
    void leavesAHandOffAloneThatIsOnNoWayToADestination() throws IOException {
        // Given
        write(
                "routes/a.camel.yaml",
                CRM
                        + "        - wireTap: {uri: direct:x}\n"
                        + "- route: {from: {uri: direct:x, steps: [{threads: {}}]}}\n");
        // Then
        assertThat(lint()).isEmpty();
    }

    // --- doors and mappings

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    mapping: contcat      | 10 | there is no mappings/contcat.yaml; did you mean 'contact'?
                    mapping: contact.yaml | 10 | 'mapping' is a name without '.yaml', but is 'contact.yaml'
                    format: cvs           | 10 | format must be json, ndjson, csv, fixed, xml, deletions but is 'cvs'
                    delimiter: ;;         | 10 | 'delimiter' means nothing for 'format: json'; it is an option of csv
                    mappng: contact       | 10 | unknown option 'mappng' of 'caravan:'; did you mean 'mapping'?
                    """)
    void tellsWhatStoringCannotDo(String option, int line, String said) throws IOException {
        // Given
        contact("messageId: {key: [$.id, $.at]}");
        write("routes/a.camel.yaml", CRM + "              " + option + "\n");
        // Then
        assertThat(lint())
                .containsExactly("HOME/routes/a.camel.yaml:%d: error: %s".formatted(line, said));
    }

    @Test
    void tellsWhatASourceCannotBeCalled() throws IOException {
        // Given
        write("routes/a.camel.yaml", CRM.replace("source: crm", "source: crm_x"));
        // Then
        assertThat(lint())
                .containsExactly(
                        "HOME/routes/a.camel.yaml:9: error: source: a source's name has 1 to 64 letters, digits or '-', but was 'crm_x'");
    }

    @Test
    void asksForWhatAKameletNeedsAndRefusesWhatItDoesNotKnow() throws IOException {
        // Given
        write(
                "routes/a.camel.yaml",
                CRM.replace(
                        "uri: direct:crm",
                        """
                        uri: kamelet:sftp-source
                              parameters:
                                hots: sftp.example.com
                                port: ssh
                                strictHostKeyChecking: maybe
                                username: caravan"""));
        // Then
        assertThat(lint())
                .containsExactly(
                        "HOME/routes/a.camel.yaml:4: error: the kamelet 'sftp-source' needs 'host'",
                        "HOME/routes/a.camel.yaml:6: error: unknown property 'hots' of the kamelet 'sftp-source'; did you mean 'host'?",
                        "HOME/routes/a.camel.yaml:7: error: 'port' must be of the type integer but is 'ssh'",
                        "HOME/routes/a.camel.yaml:8: error: 'strictHostKeyChecking' cannot be 'maybe'; known are no, yes");
    }

    @Test
    void looksIntoAKameletOfTheUsers() throws IOException {
        // Given
        write(
                "kamelets/drop-source.kamelet.yaml",
                """
                apiVersion: camel.apache.org/v1
                kind: Kamelet
                metadata:
                  name: drob-source
                spec:
                  definition:
                    required: [folder, colour]
                    properties:
                      folder: {type: string}
                  template:
                    from:
                      uri: "file:{{foldr}}"
                      parameters:
                        includ: x
                      step:
                        - to: kamelet:sink
                """);
        // Then
        assertThat(lint())
                .containsExactly(
                        "HOME/kamelets/drop-source.kamelet.yaml:4: error: it is called 'drob-source', so its file must be drob-source.kamelet.yaml",
                        "HOME/kamelets/drop-source.kamelet.yaml:4: error: 'required' names 'colour', which is no property; known are folder",
                        "HOME/kamelets/drop-source.kamelet.yaml:12: error: 'from' needs 'steps'",
                        "HOME/kamelets/drop-source.kamelet.yaml:12: error: no value for {{foldr}}: set it in application.properties or as the variable FOLDR; did you mean {{folder}}?",
                        "HOME/kamelets/drop-source.kamelet.yaml:14: error: unknown option 'includ' of 'file:'; did you mean 'include'?",
                        "HOME/kamelets/drop-source.kamelet.yaml:15: error: unknown key 'step' in 'from'; did you mean 'steps'?");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:crm",
                "file:crm?include=.*[.]csv&readLock=none",
                "sftp:crm@sftp.example.com/out?readLock=markerFile"
            })
    void warnsOfFilesThatMayBeReadHalf(String uri) throws IOException {
        // Given
        write("routes/a.camel.yaml", CRM.replace("direct:crm", uri));
        write(
                "routes/b.camel.yaml",
                CRM.replace("id: crm", "id: other")
                                .replace("direct:crm", uri.replaceFirst("crm", "other"))
                                .replaceFirst("(?s)uri: caravan.*", "uri: direct:store\n")
                        + CRM.replace("id: crm", "id: store")
                                .replace("direct:crm", "direct:store"));
        // Then
        assertThat(lint())
                .hasSize(2)
                .allMatch(
                        line ->
                                line.contains(
                                        ".camel.yaml:4: warning: nothing says when a file is complete"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:crm?readLock=changed",
                "file:crm?readLock={{crm.lock:rename}}",
                "file:crm?doneFileName=done",
                "file:crm?exclude=.*[.]part",
                "file:crm?processStrategy=#inbox-files",
                "sftp:crm@sftp.example.com/out?readLock=changed",
                "jms:crm"
            })
    void hasNothingToSayOfFilesThatAreWhole(String uri) throws IOException {
        // Given
        write("routes/a.camel.yaml", CRM.replace("direct:crm", uri));
        write(
                "routes/b.camel.yaml",
                CRM.replace("id: crm", "id: stores-nothing")
                        .replace("direct:crm", "file:other")
                        .replaceFirst("(?s)uri: caravan.*", "uri: log:crm\n"));
        // Then
        assertThat(lint()).isEmpty();
    }

    @Test
    void warnsOfAQueueBetweenADoorAndTheJournal() throws IOException {
        // Given
        write("routes/a.camel.yaml", CRM.replace("direct:crm", "seda:crm"));
        // Then
        assertThat(lint())
                .anyMatch(
                        line ->
                                line.startsWith(
                                        "HOME/routes/a.camel.yaml:4: warning: events wait in 'seda:'"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "- threads: {}",
                "- aggregate: {correlationExpression: {constant: a}, completionSize: 2, steps: [{log: x}]}",
                "- delay: {constant: 10, asyncDelayed: true}",
                "- wireTap: {uri: direct:store}",
            })
    void warnsOfWhatAcknowledgesBeforeItIsStored(String step) throws IOException {
        // Given
        write(
                "routes/a.camel.yaml",
                CRM.replace("      steps:\n", "      steps:\n        " + step + "\n")
                        + "- route: {from: {uri: direct:store, steps: [{to: 'caravan:events?source=tap'}]}}\n");
        // Then
        assertThat(lint())
                .filteredOn(line -> line.contains("acknowledges it before it is stored"))
                .singleElement()
                .asString()
                .contains(": warning: '" + step.replaceAll("- (\\w+).*", "$1") + "'");
    }

    @Test
    void compilesJsonPathUnderWhateverNameItStands() throws IOException {
        // Given
        write(
                "routes/a.camel.yaml",
                BILLING
                        + "        - filter: {language: {language: jsonpath, expression: '$.a['}, steps: [{log: x}]}\n");
        // Then
        assertThat(lint()).anyMatch(line -> line.contains("'$.a[' is not JSONPath"));
    }

    @Test
    void tellsThatTheMappingOfATestIsNotThere() throws IOException {
        // Given
        write("routes/a.camel.yaml", BILLING);
        contact("messageId: {key: [$.id, $.at]}");
        String tests = "tests:\n  - {name: x, record: {}, skipped: true}\n";
        write("mappings/gone.test.yaml", tests);
        write("mappings/other.test.yaml", "mapping: contcat.yaml\n" + tests);
        write("mappings/right.test.yaml", "mapping: contact.yaml\n" + tests);
        // Then
        assertThat(lint())
                .containsExactly(
                        "HOME/mappings/gone.test.yaml:1: error: there is no mapping gone.yaml beside it",
                        "HOME/mappings/other.test.yaml:1: error: there is no mapping contcat.yaml beside it");
    }

    @Test
    void tellsAllThatIsWrongInMappingsAndTheirTests() throws IOException {
        // Given
        write("routes/a.camel.yaml", BILLING);
        contact("messageId: $.id\nintegrations: {biling: false}\nevnt: x");
        write("mappings/weak.yaml", "type: identify\nuserId: $.id\nmessageId: $.id\n");
        write(
                "mappings/named.yaml",
                "type: identify\nuserId: $.id\nmessageId: $.change\nintegrations:\n  biling: false\n  billing: true\n  All: true\n");
        write("mappings/weak.test.yaml", "tests:\n  - recrd: {}\n    skipped: true\n");
        // Then
        assertThat(lint())
                .containsExactly(
                        "HOME/mappings/contact.yaml:5: error: unknown field 'evnt'; did you mean 'event'?",
                        "HOME/mappings/named.yaml:5: warning: integrations: there is no destination 'biling'; did you mean 'billing'?",
                        "HOME/mappings/weak.test.yaml:2: error: unknown word 'recrd'; did you mean 'record'?",
                        "HOME/mappings/weak.test.yaml:2: error: a test needs a 'record'",
                        "HOME/mappings/weak.yaml:3: warning: messageId: it only says who is meant, so a later version of the record has the same id and is not taken; add what tells versions apart, such as the time of the change, or $ for the whole record");
    }

    // --- settings

    @Test
    void tellsWhatIsWrongInTheSettings() throws IOException {
        // Given
        write(
                "application.properties",
                """
                # a comment \\
                caravan.journl.retention=P7D
                caravan.journal.retention=soon
                a.b=several \\
                  lines
                camel.component.http.response-timout=3
                caravn.journal.retention=P7D
                """);
        write("config/application.properties", "caravan.customerio.region=mars\n");
        // Then
        assertThat(lint())
                .containsExactly(
                        "HOME/application.properties:2: error: unknown setting 'caravan.journl.retention'; did you mean 'caravan.journal.retention'?",
                        "HOME/application.properties:3: error: caravan.journal.retention must be a time such as 30s, 15m, 7d or PT15M but is 'soon'",
                        "HOME/application.properties:6: error: unknown option 'response-timout' of the component 'http'; did you mean 'responseTimeout'?",
                        "HOME/application.properties:7: warning: unknown setting 'caravn.journal.retention'; did you mean 'caravan.journal.retention'?");
        // When
        write("application.properties", "caravan.journal.retention=7d\n");
        // Then
        assertThat(lint())
                .singleElement()
                .asString()
                .startsWith(
                        "HOME/config/application.properties:1: error: caravan.customerio: region must be us or eu");
        // When
        write("config/application.properties", "quarkus.management.host=0.0.0.0\n");
        // Then
        assertThat(lint())
                .singleElement()
                .asString()
                .startsWith("HOME/config/application.properties:1: error: quarkus.management.host");
    }

    @Test
    void knowsValuesFromTheSettingsAndDefaults() throws IOException {
        // Given
        write("application.properties", "crm.folder=/srv/crm\n");
        write(
                "routes/a.camel.yaml",
                CRM.replace(
                                "direct:crm",
                                "file:{{crm.folder}}/{{crm.sub:x}}?include={{?crm.include}}&readLock=changed")
                        + CRM.replace("id: crm", "id: inbox2")
                                .replace(
                                        "direct:crm", "file:{{caravan.inbox}}/crm?doneFileName=x"));
        // Then
        assertThat(lint()).isEmpty();
        // When
        Files.delete(home.resolve("application.properties"));
        // Then
        assertThat(lint())
                .singleElement()
                .asString()
                .startsWith("HOME/routes/a.camel.yaml:4: error: no value for {{crm.folder}}");
        assertThat(new Linter(home, OfflineSettings.of(home), false).run().findings()).isEmpty();
    }

    // --- helpers

    private List<String> lint() {
        return new Linter(home, OfflineSettings.of(home), true)
                .run().findings().stream()
                        .map(Finding::toString)
                        .map(line -> line.replace(home.toString(), "HOME"))
                        .toList();
    }

    private void contact(String more) throws IOException {
        write("mappings/contact.yaml", "type: identify\nuserId: $.id\n" + more + "\n");
    }

    private static List<String> names(String text, String pattern) {
        List<String> names = new ArrayList<>();
        Pattern.compile(pattern)
                .matcher(text)
                .results()
                .forEach(match -> names.add(match.group(1)));
        return names;
    }

    private void copy(String folder) throws IOException {
        try (var files = Files.walk(SHIPPED.resolve(folder))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                write(SHIPPED.relativize(file).toString(), Files.readString(file));
            }
        }
    }

    private void write(String name, String text) throws IOException {
        Path file = home.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
