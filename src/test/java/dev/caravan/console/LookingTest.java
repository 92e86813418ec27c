package dev.caravan.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.delivery.Dispatcher;
import dev.caravan.delivery.Redelivery;
import dev.caravan.event.Events;
import dev.caravan.journal.InMemoryJournal;
import dev.caravan.journal.Journal;
import dev.caravan.journal.Submission;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whoever looks changes nothing: the journal of this test lets nobody make a destination. */
class LookingTest {
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

    private final InstantSource clock = InstantSource.fixed(Events.NOW);
    private final InMemoryJournal journal = new InMemoryJournal(8, clock);
    private final Vertx vertx = Vertx.vertx();
    private HttpServer server;

    @BeforeEach
    void open() {
        Router router = Router.router(vertx);
        Api api = new Api(router);
        Journal closed =
                (Journal)
                        Proxy.newProxyInstance(
                                getClass().getClassLoader(),
                                new Class<?>[] {Journal.class},
                                (proxy, method, arguments) -> pass(method, arguments));
        new DestinationsApi(closed, NONE, clock).mount(api);
        new EventsApi(closed, NONE).mount(api);
        server =
                vertx.createHttpServer()
                        .requestHandler(router)
                        .listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .join();
    }

    private Object pass(Method method, Object[] arguments) throws Throwable {
        if (method.getName().equals("ledger")) {
            throw new UnsupportedOperationException("a look may make no destination");
        }
        try {
            return method.invoke(journal, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void showsDestinationsAndEventsWithoutMakingADestination() throws Exception {
        // Given
        assertThat(journal.ledger("gone", true).destination()).isEqualTo("gone");
        journal.append(new Submission("shop", Events.NOW, "", List.of(Events.track("u-1", "m-1"))))
                .join();
        // When
        HttpResponse<String> all = get("/api/destinations");
        HttpResponse<String> one = get("/api/destinations/gone");
        HttpResponse<String> nobody = get("/api/destinations/nobody");
        HttpResponse<String> event = get("/api/events/m-1");
        // Then
        assertThat(all.body()).contains("\"name\":\"gone\"");
        assertThat(one.body()).contains("\"state\":\"NO_ROUTE\"", "\"lag\":1");
        assertThat(nobody.statusCode()).isEqualTo(404);
        assertThat(event.body()).contains("\"destination\":\"gone\"", "\"state\":\"pending\"");
    }

    private HttpResponse<String> get(String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.actualPort() + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
}
