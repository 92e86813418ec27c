package dev.caravan.bench;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * The yardstick "bare" for CSV: one thread reads rows with the library that Caravan uses and builds
 * the JSON of ten fields by hand, one inserts and commits. Nothing is checked, no duplicates are
 * looked for, and a bad row ends it.
 *
 * <p>{@code BareCsv --in orders.csv --warmup other.csv --db rows.db}
 */
final class BareCsv {

    private static final int ROWS_A_TRANSACTION = 500;
    private static final int TRANSACTIONS_AHEAD = 8;

    private BareCsv() {}

    public static void main(String[] args) throws Exception {
        Options options = Options.parse(args, Set.of("in", "warmup", "db"));
        try (RowTable table = new RowTable(Path.of(options.text("db")))) {
            if (options.has("warmup")) {
                carry(Path.of(options.text("warmup")), table);
            }
            long start = System.nanoTime();
            long rows = carry(Path.of(options.text("in")), table);
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    Locale.ROOT, "rows=%d seconds=%.3f rate=%.0f%n", rows, seconds, rows / seconds);
        }
    }

    private static long carry(Path file, RowTable table)
            throws InterruptedException, ExecutionException, SQLException {
        BlockingQueue<List<Row>> parsed = new ArrayBlockingQueue<>(TRANSACTIONS_AHEAD);
        FutureTask<Void> reading =
                new FutureTask<>(
                        () -> {
                            read(file, parsed);
                            return null;
                        });
        Thread reader = new Thread(reading, "reader");
        reader.setDaemon(true);
        reader.start();
        long count = 0;
        for (List<Row> rows; !(rows = parsed.take()).isEmpty(); ) {
            table.insert(rows);
            count += rows.size();
        }
        reading.get();
        return count;
    }

    private static void read(Path file, BlockingQueue<List<Row>> parsed)
            throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>(ROWS_A_TRANSACTION);
        try (CsvReader<CsvRecord> csv = CsvReader.builder().ofCsvRecord(file)) {
            boolean header = true;
            for (CsvRecord record : csv) {
                if (header) {
                    header = false;
                    continue;
                }
                rows.add(row(record));
                if (rows.size() == ROWS_A_TRANSACTION) {
                    parsed.put(rows);
                    rows = new ArrayList<>(ROWS_A_TRANSACTION);
                }
            }
            if (!rows.isEmpty()) {
                parsed.put(rows);
            }
        } finally {
            parsed.put(List.of());
        }
    }

    private static Row row(CsvRecord record) {
        String id = record.getField(0) + "@" + record.getField(19);
        String customer = record.getField(1);
        String time = record.getField(3);
        StringBuilder json = new StringBuilder(320);
        json.append("{\"type\":\"track\",\"event\":\"Order Completed\",\"userId\":");
        quote(json, customer);
        json.append(",\"messageId\":");
        quote(json, id);
        json.append(",\"timestamp\":");
        quote(json, time);
        json.append(",\"properties\":{\"orderId\":");
        quote(json, record.getField(0));
        json.append(",\"total\":").append(record.getField(4)).append(",\"currency\":");
        quote(json, record.getField(5));
        json.append(",\"sku\":");
        quote(json, record.getField(14));
        json.append(",\"quantity\":").append(record.getField(15)).append("}}");
        byte[] bytes = json.toString().getBytes(StandardCharsets.UTF_8);
        return new Row(id, "track", "Order Completed", customer, null, time, bytes);
    }

    private static void quote(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
