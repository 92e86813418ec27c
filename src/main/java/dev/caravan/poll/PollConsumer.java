package dev.caravan.poll;

import dev.caravan.ingest.Records;
import dev.caravan.journal.Journal;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.ScheduledPollConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a feed in rounds and hands each page to the route as one exchange. When the route has ended
 * without an error, and so has stored what is in the page, the progress moves; when it has not, the
 * round ends, and the next one begins where the progress stands.
 */
final class PollConsumer extends ScheduledPollConsumer {
    private static final Logger LOG = LoggerFactory.getLogger(PollConsumer.class);
    private static final Duration SAY_AGAIN = Duration.ofMinutes(1);
    private static final long PROGRESS_SECONDS = 30;

    private final PollComponent component;
    private final String name;
    private final Feed feed;
    private final Journal journal;
    private final Recent recent = new Recent();
    private String said = "";
    private long saidNanos;

    PollConsumer(PollEndpoint endpoint, Processor processor, Feed feed, Journal journal) {
        super(endpoint, processor);
        this.component = (PollComponent) endpoint.getComponent();
        this.name = endpoint.progressName();
        this.feed = feed;
        this.journal = journal;
    }

    /** The route could not store a page. */
    private static final class NotStored extends Exception {
        private static final long serialVersionUID = 1;

        NotStored(Exception cause) {
            super("the route failed with " + cause.getClass().getName(), cause);
        }
    }

    @Override
    protected void doStart() throws Exception {
        component.begins(name, this);
        super.doStart();
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        component.ends(name, this);
    }

    @Override
    protected int poll() {
        int count = 0;
        try {
            String progress = journal.progress(name).orElse(null);
            feed.begin(progress);
            boolean more = true;
            while (more && isRunAllowed() && !isSuspendingOrSuspended()) {
                Page page = feed.next();
                progress = take(page, progress);
                count += page.records().size();
                more = !page.last();
            }
            said = "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // Caravan stops
        } catch (Exception e) {
            tell(e);
        } finally {
            feed.close();
        }
        return count;
    }

    private @Nullable String take(Page page, @Nullable String progress) throws Exception {
        Records records = recent.unknown(page.records());
        if (!records.isEmpty()) {
            handOver(records);
            recent.add(records);
        }
        feed.stored(page);
        String next = page.progress();
        if (next == null || next.equals(progress)) {
            return progress;
        }
        journal.moveProgress(name, next).get(PROGRESS_SECONDS, TimeUnit.SECONDS);
        return next;
    }

    private void handOver(Records records) throws NotStored {
        Exchange exchange = createExchange(false);
        try {
            records.giveTo(exchange);
            getProcessor().process(exchange);
        } catch (Exception e) {
            exchange.setException(e);
        }
        Exception failure = exchange.getException();
        releaseExchange(exchange, false);
        if (failure != null) {
            throw new NotStored(failure);
        }
    }

    /** Says so in the log, but not each time that the same goes wrong again. */
    private void tell(Exception e) {
        String reason = reason(e);
        LOG.debug("A source was not read to its end: source={}", name, e);
        long now = System.nanoTime();
        if (!reason.equals(said) || now - saidNanos > SAY_AGAIN.toNanos()) {
            said = reason;
            saidNanos = now;
            LOG.warn(
                    "A source was not read to its end, and is read again: source={} reason={}",
                    name,
                    reason);
        }
    }

    /** What went wrong, without what was read: only words of our own are quoted. */
    private static String reason(Exception e) {
        if (e instanceof FeedException || e instanceof NotStored) {
            return String.valueOf(e.getMessage());
        } else if (e instanceof SQLException sql) {
            return SqlWords.of(sql);
        }
        return e.getClass().getName();
    }
}
