package dev.caravan.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** One keep-alive connection with at most one request in flight. */
final class Connection implements AutoCloseable {

    private final SocketChannel channel;
    private final SelectionKey key;
    private final ByteBuffer out;
    private final Answer answer = new Answer();
    private long dueNanos;

    /** Connects, and shows up with its selector whenever there is something to read. */
    Connection(InetSocketAddress target, Selector selector, ByteBuffer out) throws IOException {
        this.out = out;
        channel = SocketChannel.open(target);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        key = channel.register(selector, SelectionKey.OP_READ, this);
    }

    /**
     * Starts a request.
     *
     * @param due when it should have started, by {@link System#nanoTime}
     */
    void send(Requests requests, long due) throws IOException {
        dueNanos = due;
        answer.clear();
        out.clear();
        requests.fill(out);
        out.flip();
        write();
    }

    /** Returns when the request in flight should have started. */
    long dueNanos() {
        return dueNanos;
    }

    /**
     * Does what the channel is ready for.
     *
     * @param in room for reading, shared by all connections
     * @return the answer if it is complete now, else {@code null}
     */
    Answer proceed(ByteBuffer in) throws IOException {
        if (key.isWritable()) {
            write();
        }
        if (key.isReadable()) {
            in.clear();
            if (channel.read(in) < 0) {
                throw new EOFException("the server closed the connection");
            }
            in.flip();
            answer.add(in);
            return answer.complete() ? answer : null;
        }
        return null;
    }

    /** Hands over the buffer that the connection wrote from, for another to use. */
    ByteBuffer out() {
        return out;
    }

    private void write() throws IOException {
        channel.write(out);
        int interest = SelectionKey.OP_READ | (out.hasRemaining() ? SelectionKey.OP_WRITE : 0);
        if (key.interestOps() != interest) {
            key.interestOps(interest);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
