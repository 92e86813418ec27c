package dev.caravan.crash;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.sshd.common.file.virtualfs.VirtualFileSystemFactory;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.keyprovider.SimpleGeneratorHostKeyProvider;
import org.apache.sshd.server.session.ServerSession;
import org.apache.sshd.sftp.server.FileHandle;
import org.apache.sshd.sftp.server.SftpEventListener;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;
import org.jspecify.annotations.Nullable;

/** A folder on an SFTP server, at which something can happen while a file is fetched. */
final class SftpDrop implements AutoCloseable {
    /** What may fail. */
    interface Step {
        void run() throws Exception;
    }

    private record At(long offset, Step step) {}

    private final AtomicReference<@Nullable At> next = new AtomicReference<>();
    private final SshServer server = SshServer.setUpDefaultServer();

    private SftpDrop(Path folder, Path tools) {
        var files = new SftpSubsystemFactory();
        files.addSftpEventListener(
                new SftpEventListener() {
                    @Override
                    public void reading(
                            ServerSession session,
                            String handle,
                            FileHandle file,
                            long offset,
                            byte[] data,
                            int at,
                            int length)
                            throws IOException {
                        reached(offset);
                    }
                });
        server.setHost("127.0.0.1");
        server.setKeyPairProvider(new SimpleGeneratorHostKeyProvider(tools.resolve("host.key")));
        server.setPasswordAuthenticator((user, password, session) -> password.equals("pw"));
        server.setSubsystemFactories(List.of(files));
        server.setFileSystemFactory(new VirtualFileSystemFactory(folder));
    }

    static SftpDrop start(Path folder, Path tools) throws IOException {
        var drop = new SftpDrop(folder, tools);
        drop.server.start();
        return drop;
    }

    int port() {
        return server.getPort();
    }

    /** Does something, once, before the bytes from there on are sent. */
    void onceReadTo(long offset, Step step) {
        next.set(new At(offset, step));
    }

    private void reached(long offset) throws IOException {
        At at = next.get();
        if (at == null || offset < at.offset() || !next.compareAndSet(at, null)) {
            return;
        }
        try {
            at.step().run();
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        server.stop(true);
    }
}
