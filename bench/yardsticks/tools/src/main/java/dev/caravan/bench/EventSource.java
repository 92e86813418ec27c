package dev.caravan.bench;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.SplittableRandom;

/**
 * Makes events like those of a shop: about 400 bytes, mostly track calls of known persons, some of
 * whom are far busier than others. The same seed gives the same events.
 */
final class EventSource {

    private static final DateTimeFormatter MILLIS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final String ID_MARK = "\"messageId\":\"";
    private static final String[] EVENTS = {
        "Product Viewed", "Product Added", "Cart Viewed", "Checkout Started", "Order Completed",
        "Products Searched", "Coupon Applied", "Review Submitted", "Email Opened", "Wishlist Added"
    };
    private static final String[] CATEGORIES = {"outdoor", "kitchen", "garden", "books", "toys"};
    private static final String[] NAMES = {"Anna", "Ben", "Chloé", "Dmitri", "Eşref", "Zoë"};
    private static final String[] PLANS = {"free", "basic", "premium"};
    private static final String[] LOCALES = {"en-GB", "de-DE", "fr-FR", "pl-PL"};
    private static final String[] PAGES = {"/", "/sale", "/cart", "/help/returns", "/account"};
    private static final String AGENT =
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

    private final SplittableRandom random;
    private final MessageIds ids;
    private final int persons;
    private final Mix mix;
    private final StringBuilder json = new StringBuilder(1024);
    private long clockMillis;
    private long visitors;
    private int visitorStep;

    /** Which calls are made. */
    enum Mix {
        /** Track calls alone. */
        TRACK,
        /** 80 % track, 15 % identify, 5 % page, all of known persons. */
        KNOWN,
        /** As {@link #KNOWN}, with 2 % of an anonymous visitor who becomes known. */
        VISITORS
    }

    /**
     * @param seed decides everything but the message ids
     * @param run makes the message ids differ from those of other runs
     * @param start the time of the first event; each further one is up to 20 ms later
     */
    EventSource(long seed, long run, Instant start, int persons, Mix mix) {
        this.random = new SplittableRandom(seed);
        this.ids = new MessageIds(run);
        this.persons = persons;
        this.mix = mix;
        this.clockMillis = start.toEpochMilli();
    }

    /** Makes the next event. */
    Event next() {
        clockMillis += random.nextInt(21);
        json.setLength(0);
        int percent = mix == Mix.TRACK ? 100 : random.nextInt(100);
        if (mix == Mix.VISITORS && percent >= 98) {
            visitor();
        } else if (percent < 15) {
            identify(person(), null);
        } else if (percent < 20) {
            page(person());
        } else {
            track("userId", person());
        }
        byte[] bytes = json.toString().getBytes(StandardCharsets.UTF_8);
        int idOffset = json.indexOf(ID_MARK) + ID_MARK.length(); // all before it is ASCII
        ids.writeNext(bytes, idOffset);
        return new Event(bytes, idOffset);
    }

    /** Three anonymous events, then the identify that says who it was. */
    private void visitor() {
        String anonymousId = "anon-" + Long.toHexString(0x10000000L + visitors);
        if (visitorStep < 3) {
            track("anonymousId", anonymousId);
            visitorStep++;
        } else {
            identify(person(), anonymousId);
            visitorStep = 0;
            visitors++;
        }
    }

    private String person() {
        double skewed = random.nextDouble();
        return "user-" + (1_000_000 + (int) (persons * skewed * skewed));
    }

    private void track(String idName, String id) {
        open("track").append(",\"event\":\"").append(pick(EVENTS)).append('"');
        person(idName, id);
        json.append(",\"properties\":{\"productId\":\"sku-")
                .append(10_000 + random.nextInt(90_000));
        json.append("\",\"category\":\"").append(pick(CATEGORIES));
        json.append("\",\"price\":").append(random.nextInt(500)).append(".95");
        json.append(",\"currency\":\"EUR\",\"quantity\":").append(1 + random.nextInt(5));
        json.append(",\"coupon\":null}");
        close();
    }

    private void identify(String userId, String anonymousId) {
        open("identify");
        person("userId", userId);
        if (anonymousId != null) {
            person("anonymousId", anonymousId);
        }
        json.append(",\"traits\":{\"email\":\"").append(userId).append("@example.com\"");
        json.append(",\"firstName\":\"").append(pick(NAMES));
        json.append("\",\"plan\":\"").append(pick(PLANS));
        json.append("\",\"orders\":").append(random.nextInt(40)).append(",\"newsletter\":true}");
        close();
    }

    private void page(String userId) {
        String path = pick(PAGES);
        open("page").append(",\"name\":\"Shop\"");
        person("userId", userId);
        json.append(",\"properties\":{\"url\":\"https://shop.example.com").append(path);
        json.append("\",\"path\":\"").append(path).append("\",\"title\":\"Shop\"}");
        close();
    }

    private StringBuilder open(String type) {
        return json.append("{\"type\":\"")
                .append(type)
                .append('"')
                .append(',')
                .append(ID_MARK)
                .append("00000000-0000-0000-0000-000000000000\",\"timestamp\":\"")
                .append(MILLIS.format(Instant.ofEpochMilli(clockMillis)))
                .append('"');
    }

    private void person(String idName, String id) {
        json.append(",\"").append(idName).append("\":\"").append(id).append('"');
    }

    private void close() {
        json.append(",\"context\":{\"ip\":\"203.0.113.").append(random.nextInt(256));
        json.append("\",\"locale\":\"").append(pick(LOCALES));
        json.append("\",\"userAgent\":\"").append(AGENT).append("\"}}");
    }

    private String pick(String[] choices) {
        return choices[random.nextInt(choices.length)];
    }
}
