package dev.caravan.event;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where an item comes from, and what it takes from there if it does not say it itself.
 *
 * @param source the source
 * @param receivedAt when it came in
 * @param ids gives ids to items without one
 * @param call what the item is if it has no {@code type}: the call of the endpoint, null if the
 *     item must say it
 * @param time the time of an item that carries none: of the file, of the message, of the request
 * @param sentAt the sender's clock when it sent, by which a wrong clock is corrected; null if
 *     unknown
 * @param context the {@code context} of the whole batch, under that of the item
 * @param integrations the {@code integrations} of the whole batch, under those of the item
 * @param ip the caller's address for {@code context.ip}, null to leave it alone
 */
public record Origin(
        Source source,
        Instant receivedAt,
        MessageIds ids,
        @Nullable Call call,
        Instant time,
        @Nullable Instant sentAt,
        @Nullable RawObject context,
        @Nullable RawObject integrations,
        @Nullable String ip) {
    public Origin {
        requireNonNull(source, "source");
        requireNonNull(receivedAt, "receivedAt");
        requireNonNull(ids, "ids");
        requireNonNull(time, "time");
    }

    /** An origin whose items bring all they need but for id and time. */
    public static Origin of(Source source, Instant receivedAt, MessageIds ids, Instant time) {
        return new Origin(source, receivedAt, ids, null, time, null, null, null, null);
    }

    /** The same with what the request says for all of its items. */
    public Origin with(
            @Nullable Call call,
            @Nullable Instant sentAt,
            @Nullable RawObject context,
            @Nullable RawObject integrations,
            @Nullable String ip) {
        return new Origin(source, receivedAt, ids, call, time, sentAt, context, integrations, ip);
    }

    /** The same with other ids for items that bring none. */
    public Origin with(MessageIds others) {
        return new Origin(
                source, receivedAt, others, call, time, sentAt, context, integrations, ip);
    }

    /** The same with another time for items that carry none. */
    public Origin at(Instant other) {
        return new Origin(source, receivedAt, ids, call, other, sentAt, context, integrations, ip);
    }

    /**
     * The same, with the caller's address already in the {@code context} of the batch, so that it
     * is not put there for each item anew.
     */
    Origin withIpInContext() {
        if (context == null || ip == null) {
            return this;
        }
        try {
            RawObject both =
                    context.find("ip") >= 0 ? context : RawObject.merged(ipOnly(), context);
            return with(call, sentAt, both, integrations, null);
        } catch (IOException e) {
            throw new IllegalStateException("an object that was read once is unreadable", e);
        }
    }

    /** A {@code context} that has the caller's address alone. */
    RawObject ipOnly() throws IOException {
        byte[] json = ("{\"ip\":" + Json.quote(ip) + "}").getBytes(StandardCharsets.UTF_8);
        return RawObject.parse(json, 0, json.length);
    }

    /**
     * What it says for its items beside the source and the time of receipt, so that an item that is
     * read again later becomes the same event: {@code
     * {"type":"","time":"","sentAt":"","ip":"","context":{},"integrations":{}}}, each if there is
     * one.
     *
     * @return empty if it says nothing
     */
    public byte[] toJson() {
        var out = new ByteArrayOutputStream();
        member(out, "type", call == null ? null : quoted(call.type()));
        member(out, "time", time.equals(receivedAt) ? null : quoted(Timestamps.format(time)));
        member(out, "sentAt", sentAt == null ? null : quoted(Timestamps.format(sentAt)));
        member(out, "ip", ip == null ? null : quoted(ip));
        member(out, "context", context == null ? null : context.bytes());
        member(out, "integrations", integrations == null ? null : integrations.bytes());
        if (out.size() > 0) {
            out.write('}');
        }
        return out.toByteArray();
    }

    private static byte[] quoted(String text) {
        return Json.quote(text).getBytes(StandardCharsets.UTF_8);
    }

    private static void member(ByteArrayOutputStream out, String name, byte @Nullable [] value) {
        if (value != null) {
            char separator = out.size() == 0 ? '{' : ',';
            out.writeBytes((separator + "\"" + name + "\":").getBytes(StandardCharsets.UTF_8));
            out.writeBytes(value);
        }
    }

    /**
     * This origin, but saying what another one said.
     *
     * @param json as {@link #toJson} wrote it
     */
    public Origin saying(byte[] json) {
        if (json.length == 0) {
            return this;
        }
        try {
            RawObject said = RawObject.parse(json, 0, json.length);
            String type = said.text("type");
            return new Origin(
                    source,
                    receivedAt,
                    ids,
                    type == null ? null : Call.ofType(type).orElse(null),
                    timeOf(said.text("time")).orElse(time),
                    timeOf(said.text("sentAt")).orElse(null),
                    said.object("context"),
                    said.object("integrations"),
                    said.text("ip"));
        } catch (IOException e) {
            throw new IllegalStateException("an envelope that was written once is unreadable", e);
        }
    }

    private static Optional<Instant> timeOf(@Nullable String text) {
        return text == null ? Optional.empty() : Timestamps.parse(text);
    }

    /**
     * Whether the sender is calling right now, so that {@code sentAt} is told by a clock that can
     * be compared with ours. What lay in a file or a queue has a time of its own.
     */
    boolean isLive() {
        return time.equals(receivedAt);
    }

    /** The id that an item of this place always has; null if its ids are minted anew each time. */
    @Nullable String derivedId(long record) {
        return ids.repeatable() ? ids.idOf(record) : null;
    }
}
