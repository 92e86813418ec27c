package dev.caravan.ingest;

import dev.caravan.mapping.Mapping;
import dev.caravan.mapping.MappingException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The mappings in a folder: {@code <name>.yaml}, read anew when the file has changed. One that is
 * not there is looked for among the shipped ones. Thread-safe.
 */
public final class MappingFiles implements Mappings {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9_.-]*");
    private static final String SHIPPED = "mappings/";

    private final Path folder;
    private final Map<String, Known> known = new ConcurrentHashMap<>();

    private record Known(@Nullable FileTime modified, long size, Mapping mapping) {}

    /**
     * Makes one.
     *
     * @param folder may be missing
     */
    public MappingFiles(Path folder) {
        this.folder = folder;
    }

    @Override
    public Mapping get(String name) throws UnusableMappingException {
        if (!NAME.matcher(name).matches()) {
            throw new UnusableMappingException(
                    "mapping must be the name of a file in mappings/, without '.yaml', but is '%s'"
                            .formatted(name));
        }
        try {
            return read(name);
        } catch (MappingException e) {
            throw new UnusableMappingException(String.valueOf(e.getMessage()));
        } catch (CharacterCodingException e) {
            throw new UnusableMappingException("%s is not text in UTF-8".formatted(nameOf(name)));
        } catch (IOException e) {
            throw new UnusableMappingException("%s cannot be read: %s".formatted(nameOf(name), e));
        }
    }

    private Mapping read(String name) throws IOException, MappingException {
        Path file = folder.resolve(name + ".yaml");
        BasicFileAttributes now;
        try {
            now = Files.readAttributes(file, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            return shipped(name);
        }
        Known before = known.get(name);
        if (before != null
                && now.lastModifiedTime().equals(before.modified())
                && now.size() == before.size()) {
            return before.mapping();
        }
        Mapping mapping = parse(name, Files.readAllBytes(file));
        known.put(name, new Known(now.lastModifiedTime(), now.size(), mapping));
        return mapping;
    }

    private Mapping shipped(String name) throws IOException, MappingException {
        Known before = known.get(name);
        if (before != null && before.modified() == null) {
            return before.mapping();
        }
        String resource = SHIPPED + name + ".yaml";
        try (InputStream in =
                Thread.currentThread().getContextClassLoader().getResourceAsStream(resource)) {
            if (in == null) {
                throw new UnusableMappingException(
                        "%s is not there".formatted(folder.resolve(name + ".yaml")));
            }
            Mapping mapping = parse(name, in.readAllBytes());
            known.put(name, new Known(null, 0, mapping));
            return mapping;
        }
    }

    private static Mapping parse(String name, byte[] text)
            throws CharacterCodingException, MappingException {
        String yaml = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString();
        return Mapping.parse(nameOf(name), yaml);
    }

    private static String nameOf(String name) {
        return SHIPPED + name + ".yaml";
    }
}
