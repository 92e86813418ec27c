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
 * event, whatever it is read together with. A route may split the records, which keeps the keys.
 */
public final class Records extends AbstractList<@Nullable Object> implements RandomAccess {
    private static final String PROPERTY = "CaravanRecords";
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
     * The records that an exchange began with, or the one of them that its split is about; empty if
     * it began otherwise.
     */
    public static Optional<Records> of(Exchange exchange) {
        Records all = exchange.getProperty(PROPERTY, Records.class);
        Integer index = exchange.getProperty(ExchangePropertyKey.SPLIT_INDEX, Integer.class);
        if (all == null || index == null || index >= all.size()) {
            return Optional.ofNullable(all);
        }
        return Optional.of(all.only(List.of(index)));
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
