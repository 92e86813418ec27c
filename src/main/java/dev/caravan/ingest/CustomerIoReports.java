package dev.caravan.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.caravan.event.Timestamps;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Makes {@code track} calls of what Customer.io's reporting webhooks tell of messages and people:
 * {@code {"event_id":"","object_type":"email","metric":"delivered","timestamp":1613063089,
 * "data":{"identifiers":{"id":"","email":"","cio_id":""}, ...}}} becomes the event {@code Email
 * Delivered} of that person, at that time, with {@code event_id} as its {@code messageId} and the
 * rest of {@code data} as properties. The names are those of Customer.io's own message events. The
 * event does not go back to Customer.io.
 *
 * <p>What is no report is left as it is, and so becomes a dead letter.
 *
 * @see <a href="https://docs.customer.io/api/webhooks/">Reporting webhooks</a>
 */
public final class CustomerIoReports implements Processor {
    private static final ObjectReader JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
                    .build()
                    .readerFor(JsonNode.class);

    private static final Map<String, String> CHANNELS =
            Map.of(
                    "email", "Email ",
                    "push", "Push ",
                    "sms", "SMS ",
                    "in_app", "In-App ",
                    "webhook", "Webhook ",
                    "slack", "Slack ",
                    "whatsapp", "WhatsApp ",
                    "customer", "");

    private static final Map<String, String> METRICS =
            Map.of(
                    "clicked", "Link Clicked",
                    "spammed", "Marked as Spam",
                    "cio_subscription_preferences_changed", "Subscription Preferences Changed");

    private static final long LAST_SECOND = Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();

    @Override
    public void process(Exchange exchange) throws IOException {
        byte[] body = exchange.getMessage().getBody(byte[].class);
        JsonNode report;
        try {
            report = JSON.readTree(body);
        } catch (JacksonException e) {
            return;
        }
        if (report.path("metric").isTextual() && report.path("object_type").isTextual()) {
            exchange.getMessage().setBody(event(report).toString().getBytes(UTF_8));
        }
    }

    private static ObjectNode event(JsonNode report) {
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        event.put("type", "track");
        event.put("event", name(report));
        person(report.path("data"), event);
        if (report.path("event_id").isTextual()) {
            event.set("messageId", report.get("event_id"));
        }
        if (report.path("timestamp").isNumber()) {
            event.set("timestamp", time(report.get("timestamp")));
        }
        ObjectNode properties = event.putObject("properties");
        properties.set("object_type", report.get("object_type"));
        properties.set("metric", report.get("metric"));
        if (report.path("data") instanceof ObjectNode data) {
            properties.setAll(data);
            properties.remove("identifiers");
            properties.remove("customer_id");
        }
        event.putObject("integrations").put("customerio", false);
        return event;
    }

    /** What is no time is left as it is, and so is what makes a dead letter of the event. */
    private static JsonNode time(JsonNode seconds) {
        return seconds.canConvertToLong()
                        && seconds.longValue() >= 0
                        && seconds.longValue() <= LAST_SECOND
                ? TextNode.valueOf(Timestamps.format(Instant.ofEpochSecond(seconds.longValue())))
                : seconds;
    }

    private static String name(JsonNode report) {
        String channel = report.get("object_type").asText();
        String metric = report.get("metric").asText();
        if (channel.equals("in_app") && metric.equals("clicked")) {
            return "In-App Clicked";
        }
        String before = CHANNELS.getOrDefault(channel, words(channel) + " ");
        return before + METRICS.getOrDefault(metric, words(metric));
    }

    private static String words(String name) {
        return Arrays.stream(name.split("_"))
                .filter(word -> !word.isEmpty())
                .map(word -> Character.toUpperCase(word.charAt(0)) + word.substring(1))
                .collect(Collectors.joining(" "));
    }

    /** By the id that the account gave; else by e-mail, else by Customer.io's own. */
    private static void person(JsonNode data, ObjectNode event) {
        JsonNode identifiers = data.path("identifiers");
        String id = identifiers.path("id").asText(data.path("customer_id").asText(""));
        String email = identifiers.path("email").asText("");
        String own = identifiers.path("cio_id").asText("");
        String anonymous = identifiers.path("anonymous_id").asText("");
        if (!id.isEmpty()) {
            event.put("userId", id);
        } else if (!email.isEmpty()) {
            event.put("userId", email);
        } else if (!own.isEmpty()) {
            event.put("userId", "cio_" + own);
        } else if (!anonymous.isEmpty()) {
            event.put("anonymousId", anonymous);
        }
    }
}
