package dev.caravan.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingNamesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "caravan.home",
                "caravan.inbox",
                "caravan.inbox.retention",
                "caravan.keys.shop",
                "caravan.keys.my-shop",
                "caravan.keys.\"my-shop\"",
                "caravan.public-keys.web",
                "caravan.sources.web.erase",
                "caravan.journal.max-size",
                "quarkus.http.port",
                "caravans.home"
            })
    void knowsTheNamesOfSettingsAndThoseOfOthers(String name) {
        assertThat(SettingNames.complaint(List.of(name), List.of())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CARAVAN_HOME",
                "CARAVAN_KEYS_SHOP",
                "CARAVAN_KEYS_MY_SHOP",
                "CARAVAN_PUBLIC_KEYS_WEB",
                "CARAVAN_SOURCES_MY_SHOP_ERASE",
                "CARAVAN_CUSTOMERIO_API_KEY",
                "PATH",
                "CARAVANSERAI"
            })
    void knowsTheNamesOfEnvironmentVariables(String name) {
        assertThat(SettingNames.complaint(List.of(), List.of(name))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CARAVAN_SERVICE_HOST",
                "CARAVAN_SERVICE_PORT",
                "CARAVAN_SERVICE_PORT_HTTP",
                "CARAVAN_PORT",
                "CARAVAN_PORT_8080_TCP",
                "CARAVAN_PORT_8080_TCP_ADDR",
                "CARAVAN_PORT_8080_TCP_PORT",
                "CARAVAN_PORT_8080_TCP_PROTO"
            })
    void startsBesideAServiceOfItsNameInKubernetes(String name) {
        assertThat(SettingNames.complaint(List.of(), List.of(name))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "caravan.key.shop, caravan.keys.<source>",
        "caravan.journal.maxsize, caravan.journal.max-size",
        "caravan.jounal.retention, caravan.journal.retention",
        "caravan.customerio.apikey, caravan.customerio.api-key",
        "caravan.source.web.erase, caravan.sources.<source>.erase",
        "caravan.publickeys.web, caravan.public-keys.<source>"
    })
    void suggestsWhatAMisspeltSettingMayMean(String name, String meant) {
        assertThat(SettingNames.complaint(List.of("caravan.home", name), List.of()))
                .hasValue("unknown setting '%s'; did you mean '%s'?".formatted(name, meant));
    }

    @ParameterizedTest
    @CsvSource({
        "CARAVAN_KEY_SHOP, CARAVAN_KEYS_<source>",
        "CARAVAN_KEYS_, CARAVAN_KEYS_<source>",
        "CARAVAN_CUSTOMERIO_KEY, CARAVAN_CUSTOMERIO_API_KEY",
        "CARAVAN_HOMR, CARAVAN_HOME",
        "CARAVAN_SERVICE_HOSTS, CARAVAN_KEYS_<source>",
        "CARAVAN_PUBLICKEYS_WEB, CARAVAN_PUBLIC_KEYS_<source>"
    })
    void suggestsWhatAMisspeltVariableMayMean(String name, String meant) {
        assertThat(SettingNames.complaint(List.of(), List.of("HOME", name)))
                .hasValue(
                        "unknown environment variable '%s'; did you mean '%s'?"
                                .formatted(name, meant));
    }

    @Test
    void findsNamesThatAreHardlyMeantForOthers() {
        assertThat(
                        SettingNames.misspeltPrefixes(
                                List.of(
                                        "caravn.jms.queue",
                                        "carvan.journal.max-size",
                                        "caravans.home",
                                        "caravan.home",
                                        "camel.main.name",
                                        "canvas.home",
                                        "home"),
                                List.of(
                                        "CARAVN_KEYS_SHOP",
                                        "CARAVAN_HOME",
                                        "CARAVANSERAI",
                                        "CAMEL_HOME",
                                        "PATH")))
                .containsExactly(
                        "unknown environment variable 'CARAVN_KEYS_SHOP'; did you mean 'CARAVAN_KEYS_<source>'?",
                        "unknown setting 'caravans.home'; did you mean 'caravan.home'?",
                        "unknown setting 'caravn.jms.queue'; did you mean 'caravan.jms.queue'?",
                        "unknown setting 'carvan.journal.max-size'; did you mean 'caravan.journal.max-size'?");
    }

    @Test
    void saysNothingOfTheValues() {
        assertThat(SettingNames.complaint(List.of("caravan.kees.shop"), List.of()))
                .hasValueSatisfying(complaint -> assertThat(complaint).doesNotContain("="));
    }
}
