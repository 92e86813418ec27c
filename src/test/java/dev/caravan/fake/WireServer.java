package dev.caravan.fake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A loopback HTTP server with one thread per connection. The JDK's own server hides its sockets,
 * and the faults to be played here (reset, half an answer, an answer that never comes) need them.
 */
final class WireServer implements AutoCloseable {

    private static final int BACKLOG = 1024;

    private final Handler handler;
    private final Map<Socket, Thread> connected = new ConcurrentHashMap<>();
    private final ExecutorService threads =
            Executors.newCachedThreadPool(
                    task -> {
                        Thread thread = new Thread(task, "fake-customerio");
                        thread.setDaemon(true);
                        return thread;
                    });
    private volatile ServerSocket listening;
    private volatile int port;

    /**
     * Starts to listen.
     *
     * @param port 0 for any free one
     */
    WireServer(int port, Handler handler) throws IOException {
        this.handler = handler;
        this.port = port;
        listen();
    }

    int port() {
        return port;
    }

    /**
     * Refuses new connections and cuts those that are open but the caller's own, until {@link
     * #listen()}.
     */
    synchronized void cut() throws IOException {
        listening.close();
        for (Map.Entry<Socket, Thread> connection : connected.entrySet()) {
            if (connection.getValue() != Thread.currentThread()) {
                connection.getKey().close();
            }
        }
    }

    /** Listens again on the port it had. */
    synchronized void listen() throws IOException {
        if (listening != null && !listening.isClosed()) {
            return;
        }
        ServerSocket socket = new ServerSocket();
        socket.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), BACKLOG);
        port = socket.getLocalPort();
        listening = socket;
        threads.execute(() -> accept(socket));
    }

    /** Cuts now, and listens again after so long. */
    void cut(Duration span) throws IOException {
        cut();
        CompletableFuture.delayedExecutor(span.toMillis(), TimeUnit.MILLISECONDS, threads)
                .execute(
                        () -> {
                            try {
                                listen();
                            } catch (IOException e) {
                                throw new UncheckedIOException("port " + port + " is lost", e);
                            }
                        });
    }

    @Override
    public void close() throws IOException {
        cut();
        threads.shutdownNow();
    }

    private void accept(ServerSocket from) {
        while (!from.isClosed()) {
            try {
                Socket socket = from.accept();
                threads.execute(() -> serve(socket, from));
            } catch (IOException e) {
                // The listening socket was closed, or this one peer left before it was greeted.
            }
        }
    }

    private void serve(Socket socket, ServerSocket from) {
        connected.put(socket, Thread.currentThread());
        try (WireConnection connection = new WireConnection(socket)) {
            if (from.isClosed()) {
                return; // it slipped in while the line was being cut
            }
            while (connection.isOpen()) {
                Optional<WireRequest> request = connection.read();
                if (request.isEmpty()) {
                    return;
                }
                handler.handle(request.get(), connection);
            }
        } catch (IOException e) {
            // The peer is gone; the request log has it if it mattered.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            connected.remove(socket);
        }
    }

    /** Answers one request, or ends its connection. */
    interface Handler {
        void handle(WireRequest request, WireConnection connection)
                throws IOException, InterruptedException;
    }
}
