package dev.caravan.console;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.event.Json;
import dev.caravan.journal.DeadLetters.Filter;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The parameters of one call of the operator API: of its query, or of a flat JSON body. */
final class ApiCall {
    private final RoutingContext ctx;
    private final Map<String, String> parameters;

    private ApiCall(RoutingContext ctx, Map<String, String> parameters) {
        this.ctx = ctx;
        this.parameters = parameters;
    }

    /**
     * Reads the parameters.
     *
     * @param known the names that the call understands; any other is an error, since a filter that
     *     is not applied would do more than was asked for
     */
    static ApiCall of(RoutingContext ctx, Set<String> known) {
        Map<String, String> parameters = new LinkedHashMap<>();
        ctx.queryParams().forEach(entry -> put(parameters, entry.getKey(), entry.getValue()));
        Buffer body = ctx.body() == null ? null : ctx.body().buffer();
        if (body != null && body.length() > 0) {
            readBody(body, parameters);
        } else if (ctx.request().bytesRead() > 0 || !ctx.request().formAttributes().isEmpty()) {
            throw ApiException.invalid(
                    "the body was not read: it must be a JSON object, with Content-Type"
                            + " application/json, or absent");
        }
        for (String name : parameters.keySet()) {
            if (!known.contains(name)) {
                throw ApiException.invalid(
                        "unknown parameter '%s'; known are %s"
                                .formatted(name, String.join(", ", new TreeSet<>(known))));
            }
        }
        return new ApiCall(ctx, parameters);
    }

    private static void readBody(Buffer body, Map<String, String> parameters) {
        JsonNode fields;
        try {
            fields = Json.toTree(body.getBytes());
        } catch (IOException e) {
            throw ApiException.invalid("the body must be a JSON object, or absent");
        }
        if (!fields.isObject()) {
            throw ApiException.invalid("the body must be a JSON object, or absent");
        }
        Iterator<Map.Entry<String, JsonNode>> members = fields.fields();
        while (members.hasNext()) {
            Map.Entry<String, JsonNode> member = members.next();
            if (member.getValue().isContainerNode()) {
                throw ApiException.invalid(
                        "parameter '%s' must be a text".formatted(member.getKey()));
            } else if (!member.getValue().isNull()) {
                put(parameters, member.getKey(), member.getValue().asText());
            }
        }
    }

    private static void put(Map<String, String> parameters, String name, String value) {
        if (parameters.put(name, value) != null) {
            throw ApiException.invalid("parameter '%s' stands twice".formatted(name));
        }
    }

    /** Who calls, see {@link Guard#operator}. */
    String operator() {
        return Guard.operator(ctx);
    }

    /** A part of the path. */
    String path(String name) {
        return Optional.ofNullable(ctx.pathParam(name))
                .orElseThrow(() -> ApiException.notFound("nothing is here"));
    }

    /** A part of the path that is a number. */
    long pathNumber(String name) {
        try {
            return Long.parseLong(path(name));
        } catch (NumberFormatException e) {
            throw ApiException.notFound("'%s' is no number".formatted(path(name)));
        }
    }

    @Nullable String text(String name) {
        return parameters.get(name);
    }

    /** A number of a range, or the default if it is absent. */
    long number(String name, long from, long to, long otherwise) {
        String text = parameters.get(name);
        if (text == null) {
            return otherwise;
        }
        try {
            long number = Long.parseLong(text);
            if (number >= from && number <= to) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw ApiException.invalid(
                "parameter '%s' must be a number from %d to %d".formatted(name, from, to));
    }

    /** A point in time, ISO-8601 with a zone. */
    @Nullable Instant time(String name) {
        String text = parameters.get(name);
        if (text == null) {
            return null;
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw ApiException.invalid(
                    "parameter '%s' must be a date-time with a zone, such as 2026-08-21T10:15:30Z"
                            .formatted(name));
        }
    }

    /** Names of the parameters that {@link #filter} reads. */
    static Set<String> filterNames() {
        return Set.of("destination", "source", "rule", "reason", "messageId", "from", "to");
    }

    /** Which dead letters are meant. */
    Filter filter() {
        return new Filter(
                text("destination"),
                text("source"),
                text("rule"),
                text("reason"),
                text("messageId"),
                time("from"),
                time("to"));
    }
}
