package dev.caravan.bench;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/**
 * Writes orders as CSV, 20 columns and about 200 bytes a row; one in ten has a quoted note with a
 * comma and a quote in it.
 *
 * <p>{@code GenerateRows --rows 1000000 --out orders.csv [--run 1]}. Files that differ in {@code
 * --run} share no order.
 */
final class GenerateRows {

    static final String HEADER =
            "order_id,customer_id,status,ordered_at,total,currency,first_name,last_name,email,phone,"
                    + "street,city,zip,country,sku,quantity,channel,campaign,note,changed_at";

    private static final String[] STATUS = {"open", "paid", "shipped", "returned"};
    private static final String[] NAMES = {"Ada", "Grace", "Zoë", "Jürgen", "Marie", "Linus"};
    private static final int CUSTOMERS = 50_000;

    private GenerateRows() {}

    public static void main(String[] args) throws IOException {
        Options options = Options.parse(args, Set.of("rows", "out", "run"));
        long rows = options.number("rows");
        long run = options.number("run", 1);
        Random random = new Random(run);
        Instant start = Instant.now().minus(Duration.ofHours(6)).truncatedTo(ChronoUnit.SECONDS);
        StringBuilder row = new StringBuilder();
        try (BufferedWriter out =
                Files.newBufferedWriter(Path.of(options.text("out")), StandardCharsets.UTF_8)) {
            out.write(HEADER);
            out.write('\n');
            for (long i = 0; i < rows; i++) {
                row.setLength(0);
                append(row, run, i, random, start.plusMillis(i * 10));
                out.append(row);
            }
        }
        System.out.printf(Locale.ROOT, "rows=%d%n", rows);
    }

    private static void append(
            StringBuilder row, long run, long number, Random random, Instant time) {
        int customer = random.nextInt(CUSTOMERS);
        String name = NAMES[random.nextInt(NAMES.length)];
        row.append("o-").append(run).append('-').append(number);
        row.append(",c-").append(customer);
        row.append(',').append(STATUS[random.nextInt(STATUS.length)]);
        row.append(',').append(time);
        row.append(',').append(random.nextInt(1000)).append('.').append(10 + random.nextInt(90));
        row.append(",EUR,").append(name).append(",Example");
        row.append(",c").append(customer).append("@example.com");
        row.append(",+49 30 ").append(1_000_000 + random.nextInt(8_000_000));
        row.append(",Long Street ").append(random.nextInt(200)).append(",Berlin,10");
        row.append(100 + random.nextInt(800)).append(",DE");
        row.append(",sku-").append(random.nextInt(5000));
        row.append(',').append(1 + random.nextInt(9)).append(",web,autumn");
        row.append(number % 10 == 0 ? ",\"leave at door, \"\"please\"\"\"," : ",,");
        row.append(time).append('\n');
    }
}
