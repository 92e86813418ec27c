package dev.caravan.app;

import dev.caravan.delivery.DeliveryException;
import dev.caravan.delivery.Outcome;
import dev.caravan.delivery.Run;
import dev.caravan.journal.Entry;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** A destination that refuses events named "Refused" while it is told to. */
@Singleton
@Named("refusing")
public class Refusing implements Processor {
    private final ConcurrentHashMap<String, AtomicLong> seen = new ConcurrentHashMap<>();
    private volatile boolean refuses;

    public void set(boolean refuse) {
        refuses = refuse;
    }

    /** How often it took an event. */
    public long seen(String messageId) {
        AtomicLong count = seen.get(messageId);
        return count == null ? 0 : count.get();
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        List<Outcome> outcomes = new ArrayList<>();
        boolean allTaken = true;
        for (Entry entry : exchange.getMessage().getBody(Run.class).entries()) {
            if (refuses && "Refused".equals(entry.event().name())) {
                outcomes.add(new Outcome.Refused(400, "it is not to my taste", false));
                allTaken = false;
            } else {
                seen.computeIfAbsent(entry.event().messageId(), id -> new AtomicLong())
                        .incrementAndGet();
                outcomes.add(new Outcome.Delivered(200));
            }
        }
        if (!allTaken) {
            throw new DeliveryException("not all were taken", outcomes);
        }
    }
}
