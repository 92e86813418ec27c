package dev.caravan.journal;

import dev.caravan.event.PersonKey;
import dev.caravan.event.Traces;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The user ids, in the clear, of whoever may go by several: by alias, by an e-mail in the traits,
 * by an e-mail as the id or in its place. A destination may have made a person of each, in
 * whichever order the events came, so an erasure has to be sent under each; hashes would not do for
 * that. They are removed with the person. Used by the writer's thread within its transaction; after
 * one that failed, make a new one.
 */
final class UserIds {
    static final String OF_EMAIL = "SELECT user FROM user_id WHERE email = ?";

    private static final int CACHED = 1 << 17;

    private final PreparedStatement insert;
    private final PreparedStatement select;
    private final PreparedStatement selectOfEmail;
    private final PreparedStatement delete;

    /** Users known to be stored. */
    private final long[] cache = new long[CACHED];

    UserIds(Connection connection) throws SQLException {
        insert =
                connection.prepareStatement(
                        "INSERT OR IGNORE INTO user_id(user, email, text) VALUES (?, ?, ?)");
        select = connection.prepareStatement("SELECT text FROM user_id WHERE user = ?");
        selectOfEmail = connection.prepareStatement(OF_EMAIL);
        delete = connection.prepareStatement("DELETE FROM user_id WHERE user = ?");
    }

    /**
     * Notes that somebody goes by this id.
     *
     * @param user the hash of its key
     */
    void note(long user, String userId) throws SQLException {
        int slot = (int) user & (CACHED - 1);
        if (cache[slot] == user) {
            return;
        }
        insert.setLong(1, user);
        insert.setObject(2, Traces.isEmail(userId) ? PersonKey.email(userId).hash() : null);
        insert.setString(3, userId);
        insert.executeUpdate();
        cache[slot] = user;
    }

    /** The id of a user; null if it was not noted. */
    @Nullable String of(long user) throws SQLException {
        select.setLong(1, user);
        try (ResultSet row = select.executeQuery()) {
            return row.next() ? row.getString(1) : null;
        }
    }

    /** The users whose ids are this e-mail, however it is written. */
    List<Long> ofEmail(long email) throws SQLException {
        List<Long> users = new ArrayList<>();
        selectOfEmail.setLong(1, email);
        try (ResultSet row = selectOfEmail.executeQuery()) {
            while (row.next()) {
                users.add(row.getLong(1));
            }
        }
        return users;
    }

    /** Forgets these; returns their ids but for one user's. */
    List<String> remove(Set<Long> users, long but) throws SQLException {
        List<String> removed = new ArrayList<>();
        for (long user : users) {
            String id = of(user);
            if (id == null) {
                continue;
            }
            cache[(int) user & (CACHED - 1)] = 0;
            delete.setLong(1, user);
            delete.executeUpdate();
            if (user != but) {
                removed.add(id);
            }
        }
        return removed;
    }
}
