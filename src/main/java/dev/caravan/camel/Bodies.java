package dev.caravan.camel;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.event.JsonSplitter;
import dev.caravan.event.Origin;
import dev.caravan.event.Source;
import dev.caravan.format.JsonText;
import dev.caravan.ingest.ChangedFileException;
import dev.caravan.ingest.Content;
import dev.caravan.ingest.FileContent;
import dev.caravan.ingest.Intake;
import dev.caravan.ingest.Receipt;
import dev.caravan.ingest.Reception;
import dev.caravan.ingest.RecordPlaces;
import dev.caravan.ingest.Records;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.StreamCache;
import org.apache.camel.component.file.GenericFile;
import org.jspecify.annotations.Nullable;

/**
 * Hands bodies of any kind to the {@link Intake}: a file or stream is read in bounded memory; a
 * text or bytes are one message; the elements of a list are items; a map, and whatever else, is one
 * item. Items go through the mapping too, if there is one; those that are texts are messages of the
 * format, if it is not JSON.
 */
final class Bodies {
    private final Intake intake;
    private final Origins origins;
    private final Function<String, Reception> receptions;

    /**
     * Makes one.
     *
     * @param receptions how what comes from a file of this name (empty if from none) becomes events
     */
    Bodies(Intake intake, Function<String, Reception> receptions) {
        this.intake = intake;
        this.origins = new Origins(intake);
        this.receptions = receptions;
    }

    /**
     * Takes an exchange's body.
     *
     * @return as {@link Intake} has it for texts, items and streams
     * @throws IOException if a file cannot be looked at
     */
    CompletableFuture<Receipt> take(Source source, Exchange exchange) throws IOException {
        Object body = exchange.getMessage().getBody();
        if (body instanceof GenericFile<?> file && file.getCharset() == null) {
            if (file.getFile() instanceof File local) {
                var content =
                        new FileContent(
                                file.getFileName(),
                                local.toPath(),
                                file.getFileLength(),
                                file.getLastModified());
                return file(source, file, content);
            } else if (file.getBody() instanceof File copy) {
                requireWhole(file, copy);
                return file(source, file, () -> Files.newInputStream(copy.toPath()));
            }
            body = file.getBody();
        }
        return new Taking(source, exchange, place(exchange)).take(body);
    }

    /** A file of another machine that grows while it is fetched would have the ids of none. */
    private static void requireWhole(GenericFile<?> file, File copy) throws IOException {
        if (copy.length() != file.getFileLength()) {
            throw new ChangedFileException(file.getFileName(), file.getFileLength(), copy.length());
        }
    }

    private CompletableFuture<Receipt> file(Source source, GenericFile<?> file, Content content) {
        String name = file.getFileName();
        Origin origin = origins.ofFile(source, name, file.getLastModified(), file.getFileLength());
        return intake.file(content, receptions.apply(name), origin, name);
    }

    /** The name of the file that the exchange began with, empty if it did not. */
    private static String place(Exchange exchange) {
        return exchange.getProperty(ExchangePropertyKey.FILE_EXCHANGE_FILE)
                        instanceof GenericFile<?> file
                ? file.getFileName()
                : "";
    }

    /** One body on its way. */
    private final class Taking {
        private final Source source;
        private final Exchange exchange;
        private final String place;
        private final Reception reception;

        Taking(Source source, Exchange exchange, String place) {
            this.source = source;
            this.exchange = exchange;
            this.place = place;
            this.reception = receptions.apply(place);
        }

        CompletableFuture<Receipt> take(@Nullable Object body) throws IOException {
            if (body instanceof byte[] bytes) {
                return text(bytes);
            } else if (body instanceof String text) {
                return text(JavaJson.utf8(text));
            } else if (body == null) {
                return text(new byte[0]);
            } else if (body instanceof Map<?, ?> map
                    && reception.isPlain()
                    && map.containsKey("batch")) {
                return batch(map);
            } else if (body instanceof File file) {
                return file(file.toPath());
            } else if (body instanceof Path path) {
                return file(path);
            } else if (body instanceof JsonNode tree) {
                return reception.isPlain()
                        ? text(JavaJson.toBytes(tree))
                        : items(tree.isArray() ? tree.iterator() : List.of(tree).iterator());
            } else if (body instanceof Iterable<?> items) {
                return items(items.iterator());
            } else if (body instanceof Iterator<?> items) {
                return items(items);
            } else if (body instanceof Object[] items) {
                return items(Arrays.asList(items).iterator());
            }
            InputStream stream = isStream(body) ? asStream(body) : null;
            return stream == null ? items(List.of(body).iterator()) : stream(stream);
        }

        private CompletableFuture<Receipt> text(byte[] text) {
            RecordPlaces known = placesOfRecords();
            Origin all = origins.of(source, exchange, text);
            Origin origin = known == null ? all : known.origin(all, 0);
            String where = known == null ? place : known.words(0);
            JsonText plain = reception.plain();
            return plain == null
                    ? intake.message(text, reception, origin, where)
                    : intake.text(text, plain.lines(), origin, where);
        }

        private CompletableFuture<Receipt> batch(Map<?, ?> map) {
            try {
                return text(JavaJson.toBytes(map));
            } catch (IllegalArgumentException e) {
                return items(List.of(map).iterator());
            }
        }

        private CompletableFuture<Receipt> items(Iterator<?> items) {
            Origin origin = origins.of(source, exchange, contentOfPart());
            RecordPlaces known = placesOfRecords();
            if (reception.isPlain()) {
                RecordPlaces places = known == null ? record -> place : known;
                return intake.items(items, Bodies::itemText, JavaJson::forReading, origin, places);
            }
            return intake.records(
                    items,
                    item -> item instanceof String || item instanceof byte[],
                    Bodies::itemText,
                    JavaJson::forReading,
                    reception,
                    origin,
                    known == null ? RecordPlaces.in(place) : known);
        }

        /**
         * What tells the parts of splits apart that have the same number; null if it has no text.
         */
        private byte @Nullable [] contentOfPart() {
            Object body = exchange.getMessage().getBody();
            if (exchange.getProperty(ExchangePropertyKey.SPLIT_INDEX) == null
                    || body instanceof Iterator<?>) {
                return null;
            }
            try {
                return JavaJson.toBytes(body);
            } catch (IllegalArgumentException e) {
                return null;
            }
        }

        /** Null if it is not, or no longer, what a connector read. */
        private @Nullable RecordPlaces placesOfRecords() {
            Object body = exchange.getMessage().getBody();
            return Records.of(exchange)
                    .filter(records -> records.are(body) || records.size() == 1)
                    .map(Records::places)
                    .orElse(null);
        }

        private CompletableFuture<Receipt> file(Path path) throws IOException {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            String name = path.getFileName().toString();
            Origin origin =
                    origins.ofFile(
                            source,
                            path.toAbsolutePath().toString(),
                            attributes.lastModifiedTime().toMillis(),
                            attributes.size());
            return intake.file(
                    () -> Files.newInputStream(path), receptions.apply(name), origin, name);
        }

        private boolean isStream(Object body) {
            return body instanceof InputStream
                    || body instanceof StreamCache
                    || body instanceof Reader
                    || body instanceof ByteBuffer
                    || body instanceof GenericFile<?>;
        }

        private @Nullable InputStream asStream(Object body) {
            if (body instanceof StreamCache cache) {
                cache.reset();
            }
            return exchange.getContext()
                    .getTypeConverter()
                    .tryConvertTo(InputStream.class, exchange, body);
        }

        private CompletableFuture<Receipt> stream(InputStream packed) throws IOException {
            Origin origin = origins.of(source, exchange, null);
            JsonText plain = reception.plain();
            if (plain == null) {
                try (packed) {
                    return intake.stream(once(packed), reception, origin, place);
                }
            }
            boolean lines = plain.lines();
            try (packed) {
                InputStream stream = plain.unpacked(packed);
                byte[] head = stream.readNBytes(JsonSplitter.ITEM_BYTES + 1);
                if (head.length <= JsonSplitter.ITEM_BYTES) {
                    return intake.stream(
                            () -> new ByteArrayInputStream(head), lines, origin, place);
                }
                var whole = new SequenceInputStream(new ByteArrayInputStream(head), stream);
                return !lines && JsonSplitter.beginsLongBatch(head, head.length)
                        ? spooled(whole, origin)
                        : intake.stream(once(whole), lines, origin, place);
            }
        }

        /** A long batch is read twice, so a stream of it goes by way of the disk. */
        private CompletableFuture<Receipt> spooled(InputStream stream, Origin origin)
                throws IOException {
            Path spool = Files.createTempFile("caravan-", ".json");
            try {
                Files.copy(stream, spool, StandardCopyOption.REPLACE_EXISTING);
                return intake.stream(() -> Files.newInputStream(spool), false, origin, place);
            } finally {
                Files.delete(spool);
            }
        }
    }

    private static Content once(InputStream stream) {
        var left = new AtomicReference<@Nullable InputStream>(stream);
        return () -> {
            InputStream unread = left.getAndSet(null);
            if (unread == null) {
                throw new IOException(
                        "a batch of more than %,d bytes must come first in a stream, or as a file"
                                .formatted(JsonSplitter.ITEM_BYTES));
            }
            return unread;
        };
    }

    /** An element of a list: a JSON text, or a value that becomes one. */
    private static byte[] itemText(@Nullable Object item) {
        if (item instanceof byte[] bytes) {
            return bytes;
        }
        return item instanceof String text ? JavaJson.utf8(text) : JavaJson.toBytes(item);
    }
}
