package dev.caravan.poll;

import dev.caravan.event.Digest;
import dev.caravan.event.Digest.Hash;
import dev.caravan.ingest.Records;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The records that were stored of late, so that those which each round reads again are not handed
 * over again: that would ask the journal for each of them, and make a dead letter anew that
 * somebody has discarded. Lost in a restart, and forgets the oldest beyond a number; then the
 * journal tells them.
 */
final class Recent {
    private static final int MOST = 50_000;

    private final Map<Hash, Boolean> keys =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Hash, Boolean> eldest) {
                    return size() > MOST;
                }
            };

    /** Those that are not known. */
    Records unknown(Records records) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < records.size(); i++) {
            if (keys.get(hash(records.keys().get(i))) == null) {
                numbers.add(i);
            }
        }
        return numbers.size() == records.size() ? records : records.only(numbers);
    }

    /** Remembers that these are stored. */
    void add(Records records) {
        for (String key : records.keys()) {
            keys.put(hash(key), true);
        }
    }

    private static Hash hash(String key) {
        return Digest.get().add(key).toHash();
    }
}
