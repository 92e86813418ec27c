package dev.caravan.format;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;

/** Cuts a file without line ends into records of as many bytes each. */
final class Blocks implements Frames {
    private final InputStream in;
    private final CharsetDecoder decoder;
    private final ByteBuffer block;
    private final char[] text;
    private long number = -1;
    private boolean marked;

    /**
     * Makes one.
     *
     * @param length bytes of a record
     * @param charset one in which each byte is a character
     */
    Blocks(InputStream in, int length, Charset charset) {
        this.in = in;
        this.decoder = charset.newDecoder();
        this.block = ByteBuffer.allocate(length);
        this.text = new char[length];
    }

    @Override
    public boolean next() throws IOException {
        int count = in.readNBytes(block.array(), 0, block.capacity());
        if (count == 0) {
            return false;
        }
        number++;
        if (count < block.capacity()) {
            throw new BrokenException(
                    "the record at byte %d has %d bytes where 'recordLength' asks for %d"
                            .formatted(position(), count, block.capacity()));
        }
        decode();
        return true;
    }

    private void decode() {
        block.clear();
        CharBuffer out = CharBuffer.wrap(text);
        decoder.reset();
        marked = false;
        while (true) {
            CoderResult result = decoder.decode(block, out, true);
            if (!result.isError()) {
                return;
            }
            marked = true;
            for (int i = 0; i < result.length(); i++) {
                out.put(MarkedText.MARK);
            }
            block.position(block.position() + result.length());
        }
    }

    private long position() {
        return number * block.capacity();
    }

    @Override
    public char[] text() {
        return text;
    }

    @Override
    public int from() {
        return 0;
    }

    @Override
    public int to() {
        return text.length;
    }

    @Override
    public String place() {
        return "byte " + position();
    }

    @Override
    public boolean tooLong() {
        return false;
    }

    @Override
    public boolean isMarked() {
        return marked;
    }

    @Override
    public long length() {
        return text.length;
    }
}
