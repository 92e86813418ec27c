package dev.caravan.ingest;

import dev.caravan.event.Origin;
import java.time.Instant;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.RandomAccess;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.jspecify.annotations.Nullable;

/**
 * What a connector read in one go: the body that it hands to the route, with a key for each record.
 * {@code caravan:events} derives ids from the keys, so that a record that is read again is the same
 * event, whatever it is read together with. A route may leave records out and split them, which
 * keeps the keys.
 */
public final class Records extends AbstractList<@Nullable Object> implements RandomAccess {
    private static final String PROPERTY = "CaravanRecords";
    private static final String PART = "CaravanRecord";
    private static final String IDENTITY = "CaravanIdentity";

    private final List<@Nullable Object> records;
    private final List<Mark> marks;

    /**
     * What is known of a record beside its content.
     *
     * @param key tells it from all others of its source, and a version of it from others
     * @param place where it stands, in words for a dead letter
     * @param time when it happened if it does not say so itself; null if nobody knows
     */
    public record Mark(String key, String place, @Nullable Instant time) {
        /** One whose time nobody knows. */
        public Mark(String key, String place) {
            this(key, place, null);
        }
    }

    /**
     * Makes one.
     *
     * @param marks one for each record, in their order
     */
    public Records(List<? extends @Nullable Object> records, List<Mark> marks) {
        if (records.size() != marks.size()) {
            throw new IllegalArgumentException(
                    "%d records cannot have %d marks".formatted(records.size(), marks.size()));
        }
        this.records = Collections.unmodifiableList(new ArrayList<>(records));
        this.marks = List.copyOf(marks);
    }

    /** Makes this the body of an exchange that begins. */
    public void giveTo(Exchange exchange) {
        exchange.getMessage().setBody(this);
        exchange.setProperty(PROPERTY, this);
    }

    /**
     * What an exchange is about that a split made.
     *
     * @param records what it was made of; null if that was none of a connector's
     * @param path its places in the splits that took them apart; empty if it is the records
     * @param exchange the id of the exchange that the split handed over
     */
    private record Part(@Nullable Records records, String path, String exchange) {}

    /**
     * Remembers, of an exchange that a split hands over, its place in all splits around it, and
     * which of the records it is about. Not by its number: a route may have left records out
     * before.
     */
    public static void splitHandsOver(Exchange exchange) {
        Records all = exchange.getProperty(PROPERTY, Records.class);
        Part outer = exchange.getProperty(PART, Part.class);
        if (outer != null && outer.exchange.equals(exchange.getExchangeId())) {
            return; // a later step of the same split
        }
        Records from = outer == null ? all : outer.records;
        Records found =
                from == null || (outer != null && from.size() == 1)
                        ? null
                        : from.found(exchange.getMessage().getBody(), index(exchange));
        String path = (outer == null ? "" : outer.path) + "#" + index(exchange);
        exchange.setProperty(
                PART,
                found == null
                        ? new Part(from, path, exchange.getExchangeId())
                        : new Part(found, "", exchange.getExchangeId()));
    }

    private static int index(Exchange exchange) {
        return exchange.getProperty(ExchangePropertyKey.SPLIT_INDEX, -1, Integer.class);
    }

    /**
     * The records that an exchange began with, or those of them that its split, or its body, is
     * about; empty if it began otherwise.
     */
    public static Optional<Records> of(Exchange exchange) {
        Records all = exchange.getProperty(PROPERTY, Records.class);
        if (all == null) {
            return Optional.empty();
        }
        Part part = exchange.getProperty(PART, Part.class);
        Records own = part == null || part.records == null ? all : part.records;
        Records found = own.found(exchange.getMessage().getBody(), index(exchange));
        return Optional.of(found == null ? own : found);
    }

    /** Where in splits an exchange comes from, that took records apart; empty if from none. */
    public static String path(Exchange exchange) {
        Part part = exchange.getProperty(PART, Part.class);
        return part == null ? "" : part.path;
    }

    /** The record, or records, that a body is; null if it is anything else. */
    private @Nullable Records found(@Nullable Object body, int index) {
        if (body == this) {
            return this;
        }
        if (!(body instanceof List<?> list)) {
            int number = numberOf(body, index);
            return number < 0 ? null : only(List.of(number));
        }
        List<Integer> numbers = new ArrayList<>();
        for (Object element : list) {
            numbers.add(numberOf(element, -1));
        }
        return numbers.isEmpty() || numbers.contains(-1) ? null : only(numbers);
    }

    /**
     * The number of this very record; -1 if it is none, or may be several.
     *
     * @param first where to look first
     */
    private int numberOf(@Nullable Object record, int first) {
        if (first >= 0 && first < records.size() && records.get(first) == record) {
            return first;
        }
        int number = -1;
        for (int i = 0; i < records.size(); i++) {
            if (records.get(i) == record) {
                if (number >= 0) {
                    return -1;
                }
                number = i;
            }
        }
        return number;
    }

    /** Whether a body is these records, or the only one of them. */
    public boolean are(@Nullable Object body) {
        Object one = size() == 1 ? records.get(0) : this;
        return body == one || (body instanceof List<?> list && isOfTheSame(list));
    }

    private boolean isOfTheSame(List<?> list) {
        if (list.size() != records.size()) {
            return false;
        }
        for (int i = 0; i < records.size(); i++) {
            if (list.get(i) != records.get(i)) {
                return false;
            }
        }
        return true;
    }

    /** The records with these numbers, in their order. */
    public Records only(List<Integer> numbers) {
        return new Records(
                numbers.stream().map(records::get).collect(Collectors.toList()),
                numbers.stream().map(marks::get).toList());
    }

    /**
     * Says what an exchange is about that may come again and whose body is no list: {@code
     * caravan:events} derives the ids of what is in it from this key.
     *
     * @param time when that was; null if nobody knows
     */
    public static void identify(Exchange exchange, String key, @Nullable Instant time) {
        exchange.setProperty(IDENTITY, new Mark(key, "", time));
    }

    /** What {@link #identify} said; empty if it did not. */
    public static Optional<Mark> identity(Exchange exchange) {
        return Optional.ofNullable(exchange.getProperty(IDENTITY, Mark.class));
    }

    /** The keys, in the order of the records. */
    public List<String> keys() {
        return marks.stream().map(Mark::key).toList();
    }

    /** Where they stand. What a route made of a single one stands there, too. */
    public RecordPlaces places() {
        return new RecordPlaces() {
            @Override
            public String words(long record) {
                return mark(record).place();
            }

            @Override
            public Origin origin(Origin all, long record) {
                Instant time = mark(record).time();
                return time == null ? all : all.at(time);
            }
        };
    }

    private Mark mark(long record) {
        return marks.get((int) Math.min(record, marks.size() - 1));
    }

    @Override
    public @Nullable Object get(int index) {
        return records.get(index);
    }

    @Override
    public int size() {
        return records.size();
    }
}
