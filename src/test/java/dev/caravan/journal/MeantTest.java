package dev.caravan.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.PersonKey;
import dev.caravan.journal.Claims.Kind;
import dev.caravan.journal.Claims.Named;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeantTest {
    @TempDir Path directory;
    private Database database;
    private Connection connection;
    private int queries;

    @BeforeEach
    void open() throws SQLException {
        database = Database.open(JournalSettings.in(directory));
        connection = database.writer();
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
        database.close();
    }

    /** A public source may ask for it, as often as it likes. */
    @Test
    void costsTheDeletionOfADeviceNoLookAtThePersonsAnonymousIds() throws SQLException {
        // Given
        var claims = new Claims(counted(Connection.class, connection));
        var userIds = new UserIds(connection);
        long user = PersonKey.user("u1").hash();
        for (int i = 1; i <= 500; i++) {
            var visitor = new Named(PersonKey.visitor("a" + i).hash(), Kind.VISITOR);
            claims.note(List.of(visitor), user, i, i);
        }
        queries = 0;
        // When
        Meant meant = Meant.by("u1", claims, userIds);
        // Then
        assertThat(meant.ids()).containsOnlyKeys(user);
        assertThat(meant.emailsUsedAsIds()).isEmpty();
        assertThat(queries).isLessThan(20);
        assertThat(meant.names()).hasSize(500);
    }

    /** The same, but what it queries is counted. */
    private <T> T counted(Class<T> type, T real) {
        Object counting =
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, arguments) -> {
                            queries += method.getName().equals("executeQuery") ? 1 : 0;
                            Object result = invoke(method, real, arguments);
                            return result instanceof PreparedStatement statement
                                    ? counted(PreparedStatement.class, statement)
                                    : result;
                        });
        return type.cast(counting);
    }

    private static Object invoke(Method method, Object real, Object[] arguments) throws Throwable {
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
