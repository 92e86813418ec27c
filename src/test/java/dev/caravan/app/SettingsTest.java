package dev.caravan.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.event.Source;
import dev.caravan.journal.LogLines;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
    @TempDir Path home;

    @Test
    void hasTheDefaultsThatTheDesignPromises() {
        // When
        CaravanConfig config = config(Map.of(), Map.of()).getConfigMapping(CaravanConfig.class);
        // Then
        assertThat(config.journal().partitions()).isEqualTo(64);
        assertThat(config.journal().retention()).isEqualTo(Duration.ofDays(7));
        assertThat(config.journal().dedupe()).isEqualTo(Duration.ofDays(30));
        assertThat(config.journal().maxSize()).isEmpty();
        assertThat(config.inboxRetention()).isEqualTo(Duration.ofDays(7));
        assertThat(config.jms().queue()).isEqualTo("caravan");
        assertThat(config.delivery().stuckAfter()).isEqualTo(Duration.ofMinutes(15));
        assertThat(config.customerio().region()).isEqualTo("us");
        assertThat(config.semantic().synonyms()).isFalse();
    }

    @Test
    void readsKeysFromPropertiesAndFromTheEnvironment() {
        // Given
        Settings settings =
                settings(
                        Map.of("caravan.keys.crm-eu", "k1", "caravan.public-keys.web", "k2"),
                        Map.of("CARAVAN_KEYS_MY_SHOP", "k3", "CARAVAN_PUBLIC_KEYS_APP", "k4"));
        // When, Then
        assertThat(settings.keys().owner("k1")).hasValue(new Source("crm-eu", true));
        assertThat(settings.keys().owner("k2")).hasValue(new Source("web", false));
        assertThat(settings.keys().owner("k3")).hasValue(new Source("my-shop", true));
        assertThat(settings.keys().owner("k4")).hasValue(new Source("app", false));
    }

    @Test
    void letsAPublicSourceEraseIfItIsToldSo() {
        // Given
        Settings settings =
                settings(
                        Map.of("caravan.public-keys.web", "k1"),
                        Map.of("CARAVAN_SOURCES_WEB_ERASE", "allow"));
        // When, Then
        assertThat(settings.keys().owner("k1")).hasValue(new Source("web", true, true));
    }

    @Test
    void letsAPublicSourceWithADashEraseIfTheEnvironmentSaysSo() {
        // Given
        Settings settings =
                settings(
                        Map.of(),
                        Map.of(
                                "CARAVAN_PUBLIC_KEYS_MY_SHOP",
                                "k1",
                                "CARAVAN_SOURCES_MY_SHOP_ERASE",
                                "allow"));
        // When, Then
        assertThat(settings.keys().owner("k1")).hasValue(new Source("my-shop", true, true));
    }

    @Test
    void refusesRulesForASourceThatNobodyIs() {
        // Given
        Settings settings = settings(Map.of("caravan.sources.wep.erase", "allow"), Map.of());
        // When, Then
        assertThatThrownBy(settings::keys)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("wep");
    }

    @Test
    void refusesOneKeyForTwoSources() {
        // Given
        Settings settings =
                settings(
                        Map.of("caravan.keys.a", "same-key"),
                        Map.of("CARAVAN_PUBLIC_KEYS_B", "same-key"));
        // When, Then
        assertThatThrownBy(settings::keys)
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        "caravan.public-keys.b: source 'b' has the same key as source 'a': each key"
                                + " must be one source's");
    }

    @Test
    void namesTheSourceWhoseKeyIsEmpty() {
        // Given
        Settings settings = settings(Map.of(), Map.of("CARAVAN_KEYS_SHOP", ""));
        // When, Then
        assertThatThrownBy(settings::keys)
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        "caravan.keys.shop: the key of source 'shop' is empty: set one, or leave"
                                + " the setting out");
    }

    @ParameterizedTest
    @CsvSource({
        "region, mars, region must be us or eu but is 'mars'",
        "url, ftp://x, url must start with https:// or http:// and a host",
        "rate, -1, 'rate must be 0 to'"
    })
    void refusesAWrongOptionOfCustomerIoInTheSandboxToo(String option, String value, String rule) {
        // Given
        Settings settings = settings(Map.of("caravan.customerio." + option, value), Map.of());
        // When, Then
        assertThatThrownBy(settings::customerIo)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("caravan.customerio: " + rule);
    }

    @Test
    void takesTheTimeToStopFromTheSettings() {
        // Given
        Settings usual = settings(Map.of(), Map.of());
        Settings quick = settings(Map.of(), Map.of("CARAVAN_DELIVERY_SHUTDOWN_TIMEOUT", "3s"));
        Settings wrong = settings(Map.of("caravan.delivery.shutdown-timeout", "-PT1S"), Map.of());
        // When, Then
        assertThat(usual.pace().shutdownTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(quick.pace().shutdownTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThatThrownBy(wrong::pace)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("caravan.delivery: shutdownTimeout must be 0 or more");
    }

    @Test
    void asksForALoginWhereOthersCanReachTheManagementPort() {
        // Given
        Settings open = settings(Map.of(), Map.of());
        Settings closed = settings(Map.of("caravan.login.password", "pw"), Map.of());
        // When, Then
        assertThat(open.login("127.0.0.1")).isEmpty();
        assertThat(open.login("localhost")).isEmpty();
        assertThatThrownBy(() -> open.login("0.0.0.0"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("CARAVAN_LOGIN_PASSWORD");
        assertThat(closed.login("0.0.0.0"))
                .hasValueSatisfying(login -> assertThat(login).hasToString("operator"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " "})
    void refusesAnEmptyPasswordInPlaceOfLeavingTheDoorOpen(String password) {
        // Given
        SmallRyeConfig config = config(Map.of(), Map.of("CARAVAN_LOGIN_PASSWORD", password));
        // When, Then
        assertThatThrownBy(() -> SettingCheck.check(config, Map.of()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("caravan.login.password is empty");
    }

    @Test
    void sendsToTheSandboxWithoutAKey() {
        assertThat(settings(Map.of(), Map.of()).customerIo().isSandbox()).isTrue();
        assertThat(
                        settings(Map.of(), Map.of("CARAVAN_CUSTOMERIO_API_KEY", "k"))
                                .customerIo()
                                .isSandbox())
                .isFalse();
    }

    @Test
    void readsAUsersFilesInTheHomeFolderAndItsConfig() throws IOException {
        // Given
        Files.writeString(
                home.resolve("application.properties"),
                "caravan.jms.queue=one\ncaravan.jms.username=ada\ncaravan.jms.url=tcp://x:1\n");
        Files.createDirectories(home.resolve("config"));
        Files.writeString(
                home.resolve("config/application.properties"),
                "caravan.jms.queue=two\ncaravan.jms.url=tcp://y:1\n");
        // When
        CaravanConfig config =
                config(
                                Map.of("caravan.home", home.toString()),
                                Map.of("CARAVAN_JMS_URL", "tcp://z:1"))
                        .getConfigMapping(CaravanConfig.class);
        // Then
        assertThat(config.jms().username()).hasValue("ada");
        assertThat(config.jms().queue()).isEqualTo("two");
        assertThat(config.jms().url()).hasValue("tcp://z:1");
    }

    @Test
    void findsAMisspeltSettingInAUsersFile() throws IOException {
        // Given
        Files.writeString(home.resolve("application.properties"), "caravan.key.shop=k\n");
        SmallRyeConfig config = config(Map.of("caravan.home", home.toString()), Map.of());
        // When, Then
        assertThatThrownBy(() -> SettingCheck.check(config, Map.of()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        "unknown setting 'caravan.key.shop'; did you mean 'caravan.keys.<source>'?");
    }

    @Test
    void warnsOfASettingThatIsHardlyMeantForOthers() throws IOException {
        // Given
        Files.writeString(home.resolve("application.properties"), "caravn.keys.shop=k\n");
        SmallRyeConfig config = config(Map.of("caravan.home", home.toString()), Map.of());
        try (LogLines lines = LogLines.of(SettingCheck.class)) {
            // When
            SettingCheck.check(config, Map.of());
            // Then
            assertThat(lines.all)
                    .containsExactly(
                            "WARN A setting is not read: unknown setting 'caravn.keys.shop'; did you mean 'caravan.keys.<source>'?");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    caravan.journal.partitions  | many  | must be a whole number but is 'many'
                    caravan.journal.retention   | week  | must be a time such as 30s, 15m, 7d or PT15M but is 'week'
                    caravan.journal.max-size    | 10 GB | must be a size such as 500M or 20G but is '10 GB'
                    caravan.sources.web.erase   | maybe | must be one of allow, approve but is 'maybe'
                    caravan.customerio.rate     | ''    | is empty: give it a value, or leave it out
                    """)
    void saysInWordsWhatAValueMustBe(String name, String value, String said) {
        // Given
        Map<String, String> properties = Map.of(name, value);
        // When, Then
        assertThatThrownBy(() -> settings(properties, Map.of()))
                .isInstanceOfSatisfying(
                        ConfigValidationException.class,
                        invalid ->
                                assertThat(StartFailure.told(invalid))
                                        .isEqualTo("Caravan did not start: " + name + " " + said));
    }

    @Test
    void takesAnEnvironmentThatIsRight() {
        // Given
        Map<String, String> environment = Map.of("CARAVAN_KEYS_MY_SHOP", "k", "HOME", "/root");
        SmallRyeConfig config = config(Map.of(), environment);
        // When, Then
        SettingCheck.check(config, environment);
    }

    private static Settings settings(
            Map<String, String> properties, Map<String, String> environment) {
        return new Settings(config(properties, environment).getConfigMapping(CaravanConfig.class));
    }

    private static SmallRyeConfig config(
            Map<String, String> properties, Map<String, String> environment) {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withSources(new PropertiesConfigSource(properties, "properties", 250))
                .withSources(new EnvConfigSource(environment, 300))
                .withSources(new UserSettings())
                .withConverter(Duration.class, 200, new DurationConverter())
                .withConverter(
                        io.quarkus.runtime.configuration.MemorySize.class,
                        200,
                        new MemorySizeConverter())
                .withMapping(CaravanConfig.class)
                .withValidateUnknown(false)
                .build();
    }
}
