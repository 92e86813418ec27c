package dev.caravan.poll;

import dev.caravan.event.Digest;
import dev.caravan.event.Digest.Hash;
import dev.caravan.ingest.Records;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The records that were stored of late, so that those which each round reads again are not handed
 * over again: that would ask the journal for each of them, and make a dead letter anew that
 * somebody has discarded. Lost in a restart, and forgets the oldest beyond a number; then the
 * journal tells them.
 */
final class Recent {
    private static final int MOST = 50_000;

    private final Map<Hash, Boolean> known =
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
        List<Hash> hashes = hashes(records);
        for (int i = 0; i < records.size(); i++) {
            if (known.get(hashes.get(i)) == null) {
                numbers.add(i);
            }
        }
        return numbers.size() == records.size() ? records : records.only(numbers);
    }

    /** Remembers that these are stored. */
    void add(Records records) {
        for (Hash hash : hashes(records)) {
            known.put(hash, true);
        }
    }

    /**
     * Of key and content: a record that has another content than before is for the journal to
     * judge, which would else not hear of it.
     */
    private static List<Hash> hashes(Records records) {
        List<String> keys = records.keys();
        List<Hash> hashes = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            hashes.add(Digest.get().add(keys.get(i)).add(content(records.get(i))).toHash());
        }
        return hashes;
    }

    private static String content(@Nullable Object record) {
        Object[] values = {record};
        if (record instanceof Map<?, ?> row) {
            values = row.values().stream().map(Recent::asArray).toArray();
        }
        return Arrays.deepToString(values);
    }

    private static @Nullable Object asArray(@Nullable Object value) {
        return value instanceof List<?> list ? list.toArray() : value;
    }
}
