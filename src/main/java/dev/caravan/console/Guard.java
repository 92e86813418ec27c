package dev.caravan.console;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Stands before everything on the management port. With a login set, nobody passes without it.
 * Without one the port listens on loopback only, and then the danger is a web page in a browser on
 * this machine: so a call must be meant for this machine by name, and a page of another origin may
 * not call at all.
 */
public final class Guard implements Handler<RoutingContext> {
    private static final String USER = "caravan.user";

    private final @Nullable Login login;

    /** Who may pass. */
    public record Login(String user, String password) {
        /** Does not tell the password. */
        @Override
        public String toString() {
            return user;
        }
    }

    /**
     * Makes one.
     *
     * @param login empty where the port is open to this machine only
     */
    public Guard(Optional<Login> login) {
        this.login = login.orElse(null);
    }

    @Override
    public void handle(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        String host = host(request);
        if (foreign(request.getHeader(HttpHeaders.ORIGIN), request.authority())
                || (login == null && !local(host))) {
            Api.send(ctx, 403, Api.error("calls from other sites are not taken"));
        } else if (login != null && !knows(login, request.getHeader(HttpHeaders.AUTHORIZATION))) {
            ctx.response().putHeader("WWW-Authenticate", "Basic realm=\"caravan\"");
            Api.send(ctx, 401, Api.error("a login is needed"));
        } else {
            if (login != null) {
                ctx.put(USER, login.user());
            }
            ctx.next();
        }
    }

    /**
     * Who calls: the login's name; where there is no login, that it is an operator, and from where.
     */
    static String operator(RoutingContext ctx) {
        String user = ctx.get(USER);
        SocketAddress from = ctx.request().remoteAddress();
        return user != null ? user : "operator@" + (from == null ? "?" : from.hostAddress());
    }

    private static String host(HttpServerRequest request) {
        HostAndPort authority = request.authority();
        return authority == null ? "" : authority.host();
    }

    private static boolean local(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return name.isEmpty()
                || name.equals("localhost")
                || name.endsWith(".localhost")
                || name.matches("127\\.[0-9.]+")
                || name.equals("[::1]")
                || name.equals("::1");
    }

    private static boolean foreign(@Nullable String origin, @Nullable HostAndPort authority) {
        if (origin == null) {
            return false;
        }
        int scheme = origin.indexOf("://");
        return scheme < 0
                || authority == null
                || !origin.substring(scheme + 3).equalsIgnoreCase(authority.toString());
    }

    private static boolean knows(Login login, @Nullable String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
            return false;
        }
        try {
            byte[] given = Base64.getDecoder().decode(authorization.substring(6).strip());
            byte[] wanted =
                    (login.user() + ":" + login.password()).getBytes(StandardCharsets.UTF_8);
            return MessageDigest.isEqual(wanted, given);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
