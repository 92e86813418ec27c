package dev.caravan.poll;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.Properties;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/**
 * A database as a client reaches it. A connection is opened for a round and closed behind it: what
 * is asked every few seconds needs no pool.
 */
final class Database {
    private static final String CONNECT_SECONDS = "10";
    private static final String ANSWER_SECONDS = "120";

    private final String url;
    private final @Nullable String username;
    private final @Nullable String password;
    private final @Nullable ClassLoader drivers;

    /**
     * Makes one; nothing is opened yet.
     *
     * @param url as the driver wants it, beginning with {@code jdbc:}
     * @param drivers where to look for drivers; null for the thread's own
     */
    Database(
            String url,
            @Nullable String username,
            @Nullable String password,
            @Nullable ClassLoader drivers) {
        if (!url.startsWith("jdbc:")) {
            throw new IllegalArgumentException(
                    "url must be the address of a database and begin with 'jdbc:'");
        }
        this.url = url;
        this.username = username;
        this.password = password;
        this.drivers = drivers;
    }

    /**
     * Opens a connection in which each statement is a transaction of its own.
     *
     * @throws SQLException if nobody answers within some seconds
     * @throws FeedException if no driver knows the address
     */
    Connection connect() throws SQLException, FeedException {
        Properties properties = new Properties();
        put(properties, "user", username);
        put(properties, "password", password);
        if (url.startsWith("jdbc:postgresql:")) {
            properties.put("connectTimeout", CONNECT_SECONDS);
            properties.put("socketTimeout", ANSWER_SECONDS);
            properties.put("ApplicationName", "caravan");
            // else a text is compared with nothing but a text, and a key may be an enum
            properties.put("stringtype", "unspecified");
        }
        Connection connection = driver().connect(url, properties);
        if (connection == null) {
            throw new FeedException("the driver does not take the database's address");
        }
        return connection;
    }

    /** Closes a connection for which nobody is sorry. */
    static void close(@Nullable Connection connection) {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException e) {
            // what was read is stored, or is read again
        }
    }

    private Driver driver() throws SQLException, FeedException {
        ClassLoader from =
                drivers == null ? Thread.currentThread().getContextClassLoader() : drivers;
        for (Driver driver : ServiceLoader.load(Driver.class, from)) {
            if (driver.acceptsURL(url)) {
                return driver;
            }
        }
        throw new FeedException(
                "there is no driver for '%s'; only PostgreSQL's comes with Caravan"
                        .formatted(url.substring(0, Math.max(5, url.indexOf(':', 5)))));
    }

    private static void put(Properties properties, String name, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            properties.put(name, value);
        }
    }
}
