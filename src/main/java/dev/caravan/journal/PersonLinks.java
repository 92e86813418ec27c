package dev.caravan.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Which persons turned out to be others: a visitor who became known, a user who was merged. From
 * then on their events keep one order. Used by the writer's thread within its transaction; after
 * one that failed, make a new one.
 */
final class PersonLinks {
    private static final int CACHED = 1 << 17;

    /** A longer chain is shortened; nobody is merged so often. */
    static final int MOST_HOPS = 16;

    private final PreparedStatement select;
    private final PreparedStatement insert;
    private final PreparedStatement delete;
    private final long[] cachedPersons = new long[CACHED];
    private final long[] cachedInto = new long[CACHED];
    private boolean any;

    PersonLinks(Connection connection) throws SQLException {
        select =
                connection.prepareStatement("SELECT into_person FROM person_link WHERE person = ?");
        insert =
                connection.prepareStatement(
                        "INSERT INTO person_link(person, into_person) VALUES (?, ?) ON CONFLICT(person)"
                                + " DO UPDATE SET into_person = excluded.into_person");
        delete =
                connection.prepareStatement(
                        "DELETE FROM person_link WHERE person = ? AND into_person = ?");
        try (PreparedStatement first =
                        connection.prepareStatement("SELECT EXISTS(SELECT 1 FROM person_link)");
                ResultSet row = first.executeQuery()) {
            any = row.next() && row.getBoolean(1);
        }
    }

    /** Who this person is by what is known now: itself if it was never joined. */
    long resolve(long person) throws SQLException {
        if (!any) {
            return person;
        }
        long current = person;
        int hops = 0;
        for (long into = into(current); into != current; into = into(current)) {
            current = into;
            if (++hops == MOST_HOPS) {
                return shorten(person);
            }
        }
        return current;
    }

    /**
     * Lets one in {@value #MOST_HOPS} of a long chain's links lead to its end, so that nobody walks
     * all of it again: a chain grows by an event a link, and anybody may send those.
     */
    private long shorten(long person) throws SQLException {
        List<Long> shortened = new ArrayList<>();
        long current = person;
        int hops = 0;
        for (long into = into(current); into != current; into = into(current)) {
            if (hops++ % MOST_HOPS == 0) {
                shortened.add(current);
            }
            current = into;
        }
        for (long one : shortened) {
            link(one, current);
        }
        return current;
    }

    /**
     * Notes that {@code older} is {@code person}, who is resolved.
     *
     * @return whether this was news, so that older events of {@code older} come first
     */
    boolean join(long older, long person) throws SQLException {
        if (resolve(older) == person) {
            return false;
        }
        if (older != person) {
            link(older, person);
        }
        return true;
    }

    /** Forgets that a person was this other one; a link that leads elsewhere by now is left. */
    void remove(long person, long into) throws SQLException {
        delete.setLong(1, person);
        delete.setLong(2, into);
        if (delete.executeUpdate() > 0) {
            cache(person, person);
        }
    }

    private void link(long person, long into) throws SQLException {
        insert.setLong(1, person);
        insert.setLong(2, into);
        insert.executeUpdate();
        any = true;
        cache(person, into);
    }

    private long into(long person) throws SQLException {
        int slot = (int) person & (CACHED - 1);
        if (cachedPersons[slot] == person && cachedInto[slot] != 0) {
            return cachedInto[slot];
        }
        select.setLong(1, person);
        try (ResultSet row = select.executeQuery()) {
            long into = row.next() ? row.getLong(1) : person;
            cache(person, into);
            return into;
        }
    }

    private void cache(long person, long into) {
        int slot = (int) person & (CACHED - 1);
        cachedPersons[slot] = person;
        cachedInto[slot] = into;
    }
}
