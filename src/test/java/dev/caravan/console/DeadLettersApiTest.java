package dev.caravan.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.delivery.Dispatcher;
import dev.caravan.delivery.Redelivery;
import dev.caravan.event.EventReader;
import dev.caravan.event.Json;
import dev.caravan.event.SemanticNames;
import dev.caravan.event.Source;
import dev.caravan.ingest.Intake;
import dev.caravan.ingest.Resubmission;
import dev.caravan.journal.DeadLetter;
import dev.caravan.journal.DeadLetters.Filter;
import dev.caravan.journal.InMemoryJournal;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sending dead letters of the door again, over HTTP. */
class DeadLettersApiTest {
    private static final InstantSource CLOCK =
            InstantSource.fixed(Instant.parse("2026-08-21T10:00:00Z"));
    private static final Deliveries NONE =
            new Deliveries() {
                @Override
                public Optional<Dispatcher> find(String name) {
                    return Optional.empty();
                }

                @Override
                public Optional<Redelivery> redelivery(String name) {
                    return Optional.empty();
                }

                @Override
                public Collection<Dispatcher> all() {
                    return List.of();
                }
            };

    private final Vertx vertx = Vertx.vertx();
    private final InMemoryJournal journal = new InMemoryJournal(8, CLOCK, Runnable::run);
    private HttpServer server;

    @BeforeEach
    void open() {
        Router router = Router.router(vertx);
        router.route().handler(BodyHandler.create(false));
        new DeadLettersApi(journal, new Resubmission(intake(), journal.deadLetters()), NONE)
                .mount(new Api(router));
        server =
                vertx.createHttpServer()
                        .requestHandler(router)
                        .listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .join();
    }

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void approvesNothingInBulkUnlessToldTo() throws Exception {
        // Given
        set("site", "{\"type\":\"track\",\"event\":\"User Deleted\",\"userId\":\"u\"}");
        // When
        String usual = retry("application/json", "{\"source\":\"site\"}").body();
        long storedThen = journal.end();
        String told = retry("application/json", "{\"rule\":\"NEEDS_APPROVAL\"}").body();
        // Then
        assertThat(usual).contains("\"sent\":0").contains("\"tried\":0");
        assertThat(storedThen).isZero();
        assertThat(told).contains("\"sent\":1");
        assertThat(journal.end()).isEqualTo(1);
    }

    @Test
    void refusesABodyThatItDoesNotRead() throws Exception {
        // When
        HttpResponse<String> form =
                retry("application/x-www-form-urlencoded", "source=site&rule=INVALID");
        // Then
        assertThat(form.statusCode()).isEqualTo(400);
        assertThat(form.body()).contains("must be a JSON object");
    }

    @Test
    void holdsForApprovalWhatWasSetAsideForAnotherReason() {
        // Given
        set("site", "{\"type\":\"track\",\"event\":\"user deleted\",\"userId\":\"u\"}");
        DeadLetter nearMiss = letters().get(0);
        String mended = "{\"type\":\"track\",\"event\":\"User Deleted\",\"userId\":\"u\"}";
        var resubmission = new Resubmission(intake(), journal.deadLetters());
        // When
        String reason = resubmission.retry(nearMiss, mended.getBytes(UTF_8), "ann").join();
        // Then
        assertThat(reason).contains("needs approval");
        assertThat(journal.end()).isZero();
        assertThat(letters()).extracting(DeadLetter::rule).containsExactly("NEEDS_APPROVAL");
    }

    @Test
    void sendsAnItemOfABatchAgainAsAPersonHasMendedIt() throws Exception {
        // Given
        set(
                "site",
                """
                {"batch":[{"event":"Paid","userId":"u","messageId":"m-1"}],"context":{"app":"till"}}""");
        // When
        String shown = call("GET", "/1", "").body();
        String mended =
                "{\"type\":\"track\",\"event\":\"Paid\",\"userId\":\"u\",\"messageId\":\"m-1\"}";
        String answer =
                call("POST", "/1/retry", new String(Json.toBytes(Map.of("item", mended)), UTF_8))
                        .body();
        // Then
        assertThat(shown).contains("\"envelope\":{\"context\":{\"app\":\"till\"}}");
        assertThat(answer).contains("\"sent\":true");
        assertThat(new String(journal.entries().get(0).event().json(), UTF_8))
                .contains("\"context\":{\"app\":\"till\"}")
                .contains("\"messageId\":\"m-1\"");
    }

    private List<DeadLetter> letters() {
        return journal.deadLetters().list(Filter.ALL, 0, 10);
    }

    private Intake intake() {
        return new Intake(
                journal, new EventReader(new SemanticNames(false, Set.of())), CLOCK, new Random(1));
    }

    private void set(String source, String event) {
        Intake intake = intake();
        byte[] body = event.getBytes(UTF_8);
        intake.json(body, body.length, intake.live(new Source(source, false)), false).join();
    }

    private HttpResponse<String> retry(String type, String body) throws Exception {
        return call("POST", "/retry", type, body);
    }

    private HttpResponse<String> call(String method, String path, String body) throws Exception {
        return call(method, path, "application/json", body);
    }

    private HttpResponse<String> call(String method, String path, String type, String body)
            throws Exception {
        URI uri =
                URI.create("http://127.0.0.1:" + server.actualPort() + "/api/dead-letters" + path);
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(uri)
                                .header("Content-Type", type)
                                .method(method, HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }
}
