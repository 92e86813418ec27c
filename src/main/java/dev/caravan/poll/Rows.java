package dev.caravan.poll;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Rows as maps of column to value, each value as what it is: numbers exact, times with a zone as
 * {@link OffsetDateTime} in UTC, times without one as {@link LocalDateTime}, JSON as a tree, and
 * whatever else as text. So are times that are infinite, and what the driver cannot give as its
 * kind: one such value must not hold up the rows behind it.
 */
final class Rows {
    private Rows() {}

    /** The row at which the result stands; columns in their order, by their labels. */
    static Map<String, @Nullable Object> read(ResultSet row) throws SQLException {
        ResultSetMetaData columns = row.getMetaData();
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            values.put(columns.getColumnLabel(i), orText(row, columns, i));
        }
        return values;
    }

    /**
     * A value of the row by which rows are ordered: infinite times, too, are times.
     *
     * @param value what {@link #read} gave for it
     */
    static @Nullable Object place(ResultSet row, String label, @Nullable Object value)
            throws SQLException {
        return value instanceof String text && text.endsWith("infinity")
                ? value(row, row.getMetaData(), row.findColumn(label))
                : value;
    }

    private static @Nullable Object orText(ResultSet row, ResultSetMetaData columns, int i)
            throws SQLException {
        Object value;
        try {
            value = value(row, columns, i);
        } catch (SQLException e) {
            return row.getString(i);
        }
        return isInfinite(value) ? row.getString(i) : value;
    }

    private static boolean isInfinite(@Nullable Object value) {
        return OffsetDateTime.MAX.equals(value)
                || OffsetDateTime.MIN.equals(value)
                || LocalDateTime.MAX.equals(value)
                || LocalDateTime.MIN.equals(value)
                || LocalDate.MAX.equals(value)
                || LocalDate.MIN.equals(value);
    }

    private static @Nullable Object value(ResultSet row, ResultSetMetaData columns, int i)
            throws SQLException {
        switch (columns.getColumnType(i)) {
            case Types.TIMESTAMP:
            case Types.TIMESTAMP_WITH_TIMEZONE:
                return time(row, columns, i);
            case Types.DATE:
                return row.getObject(i, LocalDate.class);
            case Types.TIME:
                return row.getObject(i, LocalTime.class);
            case Types.CLOB:
            case Types.NCLOB:
            case Types.SQLXML:
                return row.getString(i);
            default:
                String type = columns.getColumnTypeName(i).toLowerCase(Locale.ROOT);
                if (type.equals("json") || type.equals("jsonb")) {
                    return tree(row.getString(i));
                }
                return plain(row.getObject(i), row, i);
        }
    }

    private static @Nullable Object time(ResultSet row, ResultSetMetaData columns, int i)
            throws SQLException {
        String type = columns.getColumnTypeName(i).toLowerCase(Locale.ROOT);
        boolean zone =
                columns.getColumnType(i) == Types.TIMESTAMP_WITH_TIMEZONE
                        || type.equals("timestamptz")
                        || type.contains("with time zone");
        if (!zone) {
            return row.getObject(i, LocalDateTime.class);
        }
        OffsetDateTime time = row.getObject(i, OffsetDateTime.class);
        return time == null || isInfinite(time) ? time : time.withOffsetSameInstant(ZoneOffset.UTC);
    }

    private static @Nullable Object tree(@Nullable String json) {
        try {
            return json == null ? null : Trees.read(json.getBytes(UTF_8));
        } catch (IOException e) {
            return json; // what the database takes for JSON and Jackson does not
        }
    }

    private static @Nullable Object plain(@Nullable Object value, ResultSet row, int i)
            throws SQLException {
        if (value instanceof Array array) {
            return array.getArray() instanceof Object[] elements
                    ? Arrays.asList(elements)
                    : row.getString(i);
        }
        boolean known =
                value == null
                        || value instanceof String
                        || value instanceof Boolean
                        || value instanceof Integer
                        || value instanceof Long
                        || value instanceof Short
                        || value instanceof Double
                        || value instanceof Float
                        || value instanceof BigDecimal
                        || value instanceof BigInteger
                        || value instanceof UUID
                        || value instanceof byte[];
        return known ? value : row.getString(i);
    }
}
