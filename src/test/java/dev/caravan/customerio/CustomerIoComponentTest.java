package dev.caravan.customerio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.delivery.DeliveryException;
import dev.caravan.delivery.Outcome;
import dev.caravan.delivery.Run;
import dev.caravan.event.Call;
import dev.caravan.event.Event;
import dev.caravan.event.Meaning;
import dev.caravan.journal.Entry;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.apache.camel.AsyncProducer;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.main.Main;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CustomerIoComponentTest {
    private static final String TRACK =
            "{\"type\":\"track\",\"userId\":\"jane\",\"event\":\"Paid\",\"messageId\":\"m1\"}";
    private static final String KEY = "open-sesame-key";

    private final List<String> log = new CopyOnWriteArrayList<>();
    private final Handler listener = listener();
    private final CamelContext camel = new DefaultCamelContext();
    private LoopbackServer server;

    @BeforeEach
    void start() throws Exception {
        server = new LoopbackServer();
        Logger.getLogger("").addHandler(listener);
        Logger.getLogger("dev.caravan").setLevel(Level.ALL); // Camel's own tells keys at debug
    }

    @AfterEach
    void stop() throws Exception {
        Logger.getLogger("dev.caravan").setLevel(null);
        Logger.getLogger("").removeHandler(listener);
        camel.close();
        server.close();
    }

    @Test
    void deliversFromAYamlRouteOfAPlainCamelApplication() throws Exception {
        // Given
        startWithRoute("customerio:pipelines", "apiKey: " + KEY, "url: " + server.url());
        // When
        Exchange single = send(TRACK);
        Exchange list = send(List.of(TRACK, Map.of("type", "identify", "userId", "jane")));
        // Then
        assertThat(single.getException()).isNull();
        assertThat(single.getMessage().getHeader(CustomerIoConstants.STATUS)).isEqualTo(200);
        assertThat(list.getMessage().getHeader(CustomerIoConstants.REQUESTS)).isEqualTo(1);
        assertThat(server.requests).hasSize(2);
        assertThat(server.requests.get(0).line()).startsWith("POST /v1/track ");
        assertThat(server.requests.get(0).text()).isEqualTo(TRACK);
        assertThat(server.requests.get(1).line()).startsWith("POST /v1/batch ");
        assertThat(server.requests.get(1).text())
                .startsWith("{\"batch\":[" + TRACK + ",{")
                .contains("\"userId\":\"jane\"");
    }

    @Test
    void deliversARun() throws Exception {
        // Given
        startWithRoute("customerio:pipelines", "apiKey: " + KEY, "url: " + server.url());
        byte[] json = TRACK.getBytes(StandardCharsets.UTF_8);
        var event =
                new Event(
                        Call.TRACK,
                        Meaning.ORDINARY,
                        "Paid",
                        "jane",
                        null,
                        "m1",
                        Instant.EPOCH,
                        false,
                        json);
        var run = new Run(List.of(new Entry(1, "s", Instant.EPOCH, 1, List.of(), event)), false);
        // When
        Exchange exchange = send(run);
        // Then
        assertThat(exchange.getException()).isNull();
        assertThat(server.requests.get(0).text()).isEqualTo("{\"batch\":[" + TRACK + "]}");
        assertThat(exchange.getMessage().getBody()).isSameAs(run);
    }

    @Test
    void readsFilesAndReaders(@TempDir Path folder) throws Exception {
        // Given
        startWithRoute("customerio:pipelines", "apiKey: " + KEY, "url: " + server.url());
        Path file = Files.writeString(folder.resolve("e.json"), TRACK);
        // When
        Exchange ofFile = send(file.toFile());
        Exchange ofReader = send(new StringReader(TRACK));
        Exchange ofBean = send(new Thread());
        // Then
        assertThat(ofFile.getException()).isNull();
        assertThat(ofReader.getException()).isNull();
        assertThat(server.requests).hasSize(2).allMatch(request -> request.text().equals(TRACK));
        assertThat(ofBean.getException()).hasMessageContaining("java.lang.Thread is no event");
    }

    @Test
    void endsTheExchangeWithTheOutcomeOfEachEvent() throws Exception {
        // Given
        startWithRoute("customerio:pipelines", "apiKey: " + KEY, "url: " + server.url());
        server.handler =
                (request, out) ->
                        LoopbackServer.write(
                                out,
                                207,
                                "",
                                "{\"errors\":[{\"batch_index\":1,\"message\":\"jane is bad\"}]}");
        // When
        Exchange exchange = send(List.of(TRACK, TRACK, "{}"));
        // Then
        assertThat(exchange.getException()).isInstanceOf(DeliveryException.class);
        var failure = (DeliveryException) exchange.getException();
        assertThat(failure.outcomes())
                .satisfiesExactly(
                        one -> assertThat(one).isEqualTo(new Outcome.Delivered(207)),
                        two -> assertThat(two.toString()).contains("jane is bad"),
                        three -> assertThat(three).isInstanceOf(Outcome.Refused.class));
        assertThat(failure)
                .hasMessage(
                        "2 of 3 events not delivered to Customer.io, the first because: it refused the event with 207");
    }

    @Test
    void refusesABodyThatIsNoEventWithoutQuotingIt() throws Exception {
        // Given
        startWithRoute("customerio:pipelines", "apiKey: " + KEY, "url: " + server.url());
        // When
        Exchange exchange = send("{\"jane");
        // Then
        assertThat(exchange.getException()).isInstanceOf(DeliveryException.class);
        assertThat(((DeliveryException) exchange.getException()).outcomes())
                .containsExactly(new Outcome.Refused(0, "the body is not valid JSON", false));
        assertThat(server.requests).isEmpty();
    }

    @Test
    void tellsCustomerIoWhatCamelRedelivers() throws Exception {
        // Given
        server.handler =
                (request, out) ->
                        LoopbackServer.write(out, server.requests.size() < 3 ? 503 : 200, "", "");
        camel.start();
        camel.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:in")
                                .errorHandler(
                                        defaultErrorHandler()
                                                .maximumRedeliveries(3)
                                                .redeliveryDelay(0))
                                .to("customerio:pipelines?apiKey=" + KEY + "&url=" + server.url());
                    }
                });
        // When
        Exchange exchange = send(TRACK);
        // Then
        assertThat(exchange.getException()).isNull();
        assertThat(server.requests)
                .extracting(request -> request.headers().get("x-retry-count"))
                .containsExactly(null, "1", "2");
    }

    @Test
    void neverTellsTheKeyNorWhatItSends() throws Exception {
        // Given
        startWithRoute("customerio:pipelines", "apiKey: " + KEY, "url: " + server.url());
        server.handler =
                (request, out) ->
                        LoopbackServer.write(
                                out, 400, "", "{\"message\":\"" + KEY + " sent jane\"}");
        // When
        Exchange refused = send(TRACK);
        server.close();
        Exchange failed = send(TRACK);
        // Then
        assertThat(trace(refused) + trace(failed)).doesNotContain(KEY).doesNotContain("jane");
        assertThat(((DeliveryException) refused.getException()).outcomes().toString())
                .doesNotContain(KEY);
        assertThat(log).isNotEmpty().noneMatch(line -> line.contains(KEY));
        var endpoint =
                (CustomerIoEndpoint)
                        camel.getEndpoints().stream()
                                .filter(CustomerIoEndpoint.class::isInstance)
                                .findFirst()
                                .orElseThrow();
        assertThat(
                        endpoint
                                + " "
                                + endpoint.getConfiguration()
                                + new Account(KEY, Region.US.base()))
                .doesNotContain(KEY);
    }

    @Test
    void doesNotStartWithoutAKey() {
        assertThatThrownBy(() -> startWithRoute("customerio:pipelines", "region: eu"))
                .hasStackTraceContaining("the endpoint has no apiKey")
                .hasStackTraceContaining("sandbox=true");
    }

    @Test
    void doesNotStartWithOptionsThatMakeNoSense() {
        for (String bad :
                List.of(
                        "customerio:imports?apiKey=k",
                        "customerio:pipelines?apiKey=k&region=asia",
                        "customerio:pipelines?apiKey=k&url=ftp://x",
                        "customerio:pipelines?apiKey=k&url=https://x/v1",
                        "customerio:pipelines?apiKey=k&url=RAW(https://a:b@x)",
                        "customerio:pipelines?apiKey=a:b",
                        "customerio:pipelines?apiKey=k&rate=-1",
                        "customerio:pipelines?apiKey=k&requestTimeout=0",
                        "customerio:pipelines?apiKey=k&connectTimeout=0",
                        "customerio:pipelines?apiKey=k&acount=shop",
                        "customerio:pipelines?account=nobody",
                        "customerio:pipelines?apiKey=k&account=shop")) {
            assertThatThrownBy(
                            () -> {
                                camel.start();
                                camel.getEndpoint(bad);
                            })
                    .as(bad)
                    .hasStackTraceContaining(bad.contains("acount") ? "acount" : "customerio: ");
        }
    }

    @Test
    void sendsToTheSandboxWhereToldTo() throws Exception {
        // Given
        startWithRoute("customerio:pipelines", "sandbox: true");
        // When
        Exchange exchange = send(List.of(TRACK));
        Exchange bad = send(List.of("{\"type\":\"track\",\"userId\":\"u\"}"));
        // Then
        assertThat(exchange.getException()).isNull();
        assertThat(bad.getException()).isInstanceOf(DeliveryException.class);
        var component = camel.getComponent("customerio", CustomerIoComponent.class);
        assertThat(component.sandbox().requests(0, 10)).hasSize(1);
        assertThat(log).filteredOn(line -> line.contains("NOT to Customer.io")).hasSize(1);
    }

    @Test
    void usesAKeyInTheAddressThoughTheComponentIsSetToTheSandbox() throws Exception {
        // Given
        camel.getComponent("customerio", CustomerIoComponent.class)
                .getConfiguration()
                .setSandbox(true);
        startWithRoute("customerio:pipelines", "apiKey: " + KEY, "url: " + server.url());
        // When
        send(TRACK);
        // Then
        assertThat(server.requests).hasSize(1);
        assertThat(camel.getComponent("customerio", CustomerIoComponent.class).sandboxed(null))
                .isTrue();
    }

    @Test
    void sendsForSeveralAccountsByTheirNames() throws Exception {
        // Given
        var component = camel.getComponent("customerio", CustomerIoComponent.class);
        component.getConfiguration().setUrl(server.url());
        component.getConfiguration().setApiKey("own");
        component.setAccounts(Map.of("shop", account("shop-key"), "app", account("app-key")));
        camel.start();
        // When
        for (String options : List.of("?account=shop", "?account=app", "")) {
            camel.createProducerTemplate().sendBody("customerio:pipelines" + options, TRACK);
        }
        // Then
        assertThat(server.requests)
                .extracting(request -> request.headers().get("authorization"))
                .containsExactly(
                        new Account("shop-key", Region.US.base()).authorization(),
                        new Account("app-key", Region.US.base()).authorization(),
                        new Account("own", Region.US.base()).authorization());
        assertThat(component.sandboxed("shop")).isFalse();
        assertThatThrownBy(() -> component.sandboxed("none")).hasMessageContaining("[app, shop]");
    }

    @Test
    void takesAnAccountsOptionsBeforeTheComponents() {
        // Given
        var component = new CustomerIoConfiguration();
        component.setRegion("eu");
        component.setUrl("http://127.0.0.1:9");
        component.setApiKey("own");
        component.setSandbox(true);
        var plain = account("k");
        var us = account("k");
        us.setRegion("us");
        var keyless = new CustomerIoAccount();
        // Then
        assertThat(plain.over(component).getUrl()).isEqualTo("http://127.0.0.1:9");
        assertThat(plain.over(component).isSandbox()).isFalse();
        assertThat(CustomerIoComponent.base(us.over(component))).isEqualTo(Region.US.base());
        assertThat(keyless.over(component).isSandbox()).isTrue();
        assertThat(keyless.over(component).getApiKey()).isNull();
    }

    @Test
    void isConfiguredByCamelMain() throws Exception {
        // Given
        var main = new Main();
        main.configure().withRoutesIncludePattern("false");
        Properties properties = new Properties();
        properties.put("camel.component.customerio.accounts[shop].api-key", KEY);
        properties.put("camel.component.customerio.accounts[shop].region", "eu");
        properties.put("camel.component.customerio.request-timeout", "2s");
        properties.put("camel.component.customerio.url", server.url());
        properties.put("camel.component.customerio.api-key", "own");
        main.setOverrideProperties(properties);
        // When
        main.start();
        // Then
        try {
            var component =
                    main.getCamelContext().getComponent("customerio", CustomerIoComponent.class);
            assertThat(component.getAccounts().get("shop").getApiKey()).isEqualTo(KEY);
            assertThat(component.getAccounts().get("shop").getRegion()).isEqualTo("eu");
            assertThat(component.getConfiguration().getRequestTimeout()).isEqualTo(2_000);
            assertThat(component.getConfiguration().getApiKey()).isEqualTo("own");
        } finally {
            main.stop();
        }
        assertThat(log).noneMatch(line -> line.contains(KEY));
    }

    @Test
    void sharesTheRateOfAnAccountAmongItsEndpoints() throws Exception {
        // Given
        camel.start();
        String uri = "customerio:pipelines?apiKey=" + KEY + "&rate=2&url=" + server.url();
        var template = camel.createProducerTemplate();
        long begin = System.nanoTime();
        // When
        template.sendBody(uri, TRACK);
        template.sendBody(uri + "&gzip=true", TRACK);
        template.sendBody(uri + "&requestTimeout=4s", TRACK);
        // Then
        assertThat(System.nanoTime() - begin).isGreaterThan(Pace.WINDOW.toNanos() * 9 / 10);
        assertThatThrownBy(() -> camel.getEndpoint(uri.replace("rate=2", "rate=3")))
                .hasStackTraceContaining("both 2 and 3");
    }

    @Test
    void holdsNoThreadWhileItWaitsForAnswers() throws Exception {
        // Given
        startWithRoute("customerio:pipelines", "apiKey: " + KEY, "url: " + server.url());
        var answers = new CountDownLatch(1);
        server.handler =
                (request, out) -> {
                    answers.await();
                    LoopbackServer.write(out, 200, "", "");
                };
        AsyncProducer route = camel.getEndpoint("direct:in").createAsyncProducer();
        route.start();
        List<CompletableFuture<Exchange>> all = new ArrayList<>();
        // When: one thread hands over twenty before the first is answered
        for (int i = 0; i < 20; i++) {
            Exchange exchange = route.getEndpoint().createExchange();
            exchange.getMessage().setBody(TRACK);
            var done = new CompletableFuture<Exchange>();
            all.add(done);
            route.process(exchange, sync -> done.complete(exchange));
        }
        boolean early = all.stream().anyMatch(CompletableFuture::isDone);
        answers.countDown();
        // Then
        assertThat(early).isFalse();
        assertThat(all).allMatch(done -> done.join().getException() == null);
    }

    private void startWithRoute(String to, String... parameters) throws Exception {
        String yaml =
                """
                - route:
                    id: deliver
                    from:
                      uri: direct:in
                      steps:
                        - to:
                            uri: %s
                            parameters:
                              %s
                """
                        .formatted(to, String.join("\n              ", parameters));
        PluginHelper.getRoutesLoader(camel)
                .loadRoutes(ResourceHelper.fromString("deliver.camel.yaml", yaml));
        camel.start();
    }

    private Exchange send(Object body) {
        return camel.createProducerTemplate()
                .send("direct:in", exchange -> exchange.getMessage().setBody(body));
    }

    private static CustomerIoAccount account(String key) {
        var account = new CustomerIoAccount();
        account.setApiKey(key);
        return account;
    }

    private static String trace(Exchange exchange) {
        var text = new StringWriter();
        exchange.getException().printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    /** Hears all that is ours, and of Camel what is told without being asked for details. */
    private Handler listener() {
        var handler =
                new Handler() {
                    @Override
                    public void publish(LogRecord record) {
                        if (record.getLevel().intValue() < Level.INFO.intValue()
                                && !record.getLoggerName().startsWith("dev.caravan.")) {
                            return;
                        }
                        var text = new StringWriter();
                        text.append(record.getLoggerName()).append(' ').append(record.getMessage());
                        if (record.getParameters() != null) {
                            text.append(Arrays.toString(record.getParameters()));
                        }
                        if (record.getThrown() != null) {
                            record.getThrown().printStackTrace(new PrintWriter(text));
                        }
                        log.add(text.toString());
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                };
        handler.setLevel(Level.ALL);
        return handler;
    }
}
