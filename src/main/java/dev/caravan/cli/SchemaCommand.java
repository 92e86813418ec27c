package dev.caravan.cli;

import dev.caravan.mapping.Schema;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** Gives editors what they need to help with mappings. */
@Command(
        name = "schema",
        description = {
            "Prints the JSON Schema of mapping files, for editors.",
            "Put '# yaml-language-server: $schema=mapping.schema.json' on top of a mapping."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Cli.Version.class)
@RegisterForReflection(fields = true, methods = true)
final class SchemaCommand implements Callable<Integer> {
    @ParentCommand private Cli cli;

    @Override
    public Integer call() {
        cli.out().print(Schema.text());
        return Cli.OK;
    }
}
