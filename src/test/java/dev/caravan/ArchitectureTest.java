package dev.caravan;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The house plan: packages meet in routes, and their imports point back to {@code event}. */
class ArchitectureTest {
    private static JavaClasses caravan;

    @BeforeAll
    static void read() {
        caravan =
                new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("dev.caravan");
    }

    @Test
    void hasNoCyclesBetweenPackages() {
        slices().matching("dev.caravan.(*)..").should().beFreeOfCycles().check(caravan);
    }

    @Test
    void keepsTheEventModelFreeOfEverythingElse() {
        classes()
                .that()
                .resideInAPackage("dev.caravan.event..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.caravan.event..",
                        "java..",
                        "com.fasterxml.jackson..",
                        "org.jspecify..")
                .check(caravan);
    }

    @Test
    void letsTheJournalKnowOnlyEvents() {
        onlyKnows("dev.caravan.journal..", "dev.caravan.event..");
    }

    @Test
    void letsDeliveryKnowOnlyEventsAndTheJournal() {
        onlyKnows("dev.caravan.delivery..", "dev.caravan.event..", "dev.caravan.journal..");
    }

    @Test
    void letsMappingsKnowOnlyEvents() {
        onlyKnows("dev.caravan.mapping..", "dev.caravan.event..");
    }

    @Test
    void letsTheCustomerIoComponentBeLiftedOut() {
        onlyKnows(
                "dev.caravan.customerio..",
                "dev.caravan.event..",
                "dev.caravan.journal..",
                "dev.caravan.delivery..");
    }

    @Test
    void letsNobodyImportTheDoorsOut() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "dev.caravan.console..", "dev.caravan.cli..", "dev.caravan.app..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.caravan.console..", "dev.caravan.cli..")
                .check(caravan);
    }

    @Test
    void keepsCamelOutOfTheCore() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "dev.caravan.event..",
                        "dev.caravan.mapping..",
                        "dev.caravan.journal..",
                        "dev.caravan.delivery..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.camel..", "io.quarkus..")
                .check(caravan);
    }

    private static void onlyKnows(String mine, String... others) {
        String[] allowed = java.util.Arrays.copyOf(others, others.length + 1);
        allowed[others.length] = mine;
        noClasses()
                .that()
                .resideInAPackage(mine)
                .should()
                .dependOnClassesThat(
                        com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage(
                                        "dev.caravan..")
                                .and(
                                        com.tngtech.archunit.core.domain.JavaClass.Predicates
                                                .resideOutsideOfPackages(allowed)))
                .check(caravan);
    }
}
