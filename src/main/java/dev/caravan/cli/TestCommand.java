package dev.caravan.cli;

import dev.caravan.mapping.Examples;
import dev.caravan.mapping.Mapping;
import dev.caravan.mapping.MappingException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Runs the tests that stand beside mappings. */
@Command(
        name = "test",
        description = {
            "Runs the tests of mappings: crm.test.yaml beside crm.yaml has records and the events that they must become.",
        },
        mixinStandardHelpOptions = true,
        versionProvider = Cli.Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all tests passed",
            "1:a test failed, or a file is wrong",
            "2:the command was not understood, or there is no test"
        })
@RegisterForReflection(fields = true, methods = true)
final class TestCommand implements Callable<Integer> {
    private static final String ENDING = ".test.yaml";

    @ParentCommand private Cli cli;

    @Parameters(
            index = "0",
            paramLabel = "PATH",
            arity = "0..1",
            defaultValue = "mappings",
            description = "a file, or a folder with *.test.yaml in it; default: ${DEFAULT-VALUE}")
    private Path path;

    private int passed;
    private int failed;

    @Override
    public Integer call() {
        for (Path file : files()) {
            run(file);
        }
        cli.out().printf("%d passed, %d failed%n", passed, failed);
        return failed == 0 ? Cli.OK : Cli.FAILED;
    }

    private List<Path> files() {
        if (Files.isRegularFile(path)) {
            return List.of(path);
        } else if (!Files.isDirectory(path)) {
            throw new UsageException("there is no file or folder " + path);
        }
        try (Stream<Path> all = Files.walk(path)) {
            List<Path> files =
                    all.filter(file -> file.toString().endsWith(ENDING)).sorted().toList();
            if (files.isEmpty()) {
                throw new UsageException("there is no *%s in %s".formatted(ENDING, path));
            }
            return files;
        } catch (IOException e) {
            throw new UsageException("cannot read " + path + ": " + e.getMessage(), e);
        }
    }

    private void run(Path file) {
        try {
            Examples examples = Examples.parse(file.toString(), TextFiles.read(file));
            Path of = mappingOf(file, examples);
            Mapping mapping = Mapping.parse(of.toString(), TextFiles.read(of));
            for (Examples.Outcome outcome : examples.run(mapping, cli.reader())) {
                tell(file, outcome);
            }
        } catch (MappingException e) {
            failed++;
            e.problems().forEach(problem -> cli.out().println("FAIL " + problem));
        }
    }

    private static Path mappingOf(Path file, Examples examples) {
        String name = file.getFileName().toString();
        String beside =
                name.endsWith(ENDING)
                        ? name.substring(0, name.length() - ENDING.length()) + ".yaml"
                        : name;
        String named = examples.mapping().orElse(beside);
        if (named.equals(name)) {
            throw new UsageException(
                    "%s does not end in '%s', so it has to say which mapping it is about: mapping: crm.yaml"
                            .formatted(file, ENDING));
        }
        return file.resolveSibling(named);
    }

    private void tell(Path file, Examples.Outcome outcome) {
        if (outcome.passed()) {
            passed++;
            cli.out().println("ok   %s: %s".formatted(file, outcome.name()));
            return;
        }
        failed++;
        cli.out().println("FAIL %s:%d: %s".formatted(file, outcome.line(), outcome.name()));
        outcome.differences().forEach(line -> cli.out().println("       " + line));
    }
}
