package dev.caravan.cli;

import dev.caravan.cli.lint.Linter;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Tells what is wrong in a home before it is started. */
@Command(
        name = "lint",
        description = {
            "Checks routes/, kamelets/, mappings/ and application.properties of a home,",
            "and prints a line for each problem: <file>:<line>: error|warning: <message>",
        },
        mixinStandardHelpOptions = true,
        versionProvider = Cli.Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:there are no errors, and with --strict no warnings",
            "1:there are",
            "2:the command was not understood, or there is no such folder"
        })
@RegisterForReflection(fields = true, methods = true)
final class LintCommand implements Callable<Integer> {
    @ParentCommand private Cli cli;

    @Parameters(
            index = "0",
            paramLabel = "FOLDER",
            arity = "0..1",
            defaultValue = ".",
            description = "the home, as in caravan.home; default: the current folder")
    private Path folder;

    @Option(names = "--strict", description = "take warnings for errors")
    private boolean strict;

    @Option(
            names = "--no-values",
            description =
                    "do not ask for values of {{placeholders}}: for machines that do not have the secrets")
    private boolean noValues;

    @Override
    public Integer call() {
        if (!Files.isDirectory(folder)) {
            throw new UsageException("there is no folder " + folder);
        }
        Linter.Report report = new Linter(folder, cli.settings(folder), !noValues).run();
        report.findings().forEach(finding -> cli.out().println(finding));
        cli.err()
                .printf(
                        "%d files: %d errors, %d warnings%n",
                        report.files(), report.errors(), report.warnings());
        boolean clean = report.errors() == 0 && !(strict && report.warnings() > 0);
        return clean ? Cli.OK : Cli.FAILED;
    }
}
