package dev.caravan.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.event.Source;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeysTest {
    private static final Source SHOP = new Source("shop", true);
    private static final Source WEB = new Source("web", false);

    @Test
    void tellsWhoseKeyItIs() {
        // Given
        Keys keys = Keys.builder().add("one", SHOP).add("twö", WEB).build();
        // When, Then
        assertThat(keys.owner("one")).hasValue(SHOP);
        assertThat(keys.owner("twö")).hasValue(WEB);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "On", "one ", "ONE", "onee"})
    void knowsNoOtherKeys(String key) {
        // Given
        Keys keys = Keys.builder().add("one", SHOP).build();
        // When, Then
        assertThat(keys.owner(key)).isEmpty();
    }

    @Test
    void letsASourceHaveASecretAndAPublicKey() {
        // Given
        Keys keys = Keys.builder().add("one", SHOP).add("two", new Source("shop", false)).build();
        // When, Then
        assertThat(keys.owner("one")).hasValueSatisfying(s -> assertThat(s.mayErase()).isTrue());
        assertThat(keys.owner("two")).hasValueSatisfying(s -> assertThat(s.mayErase()).isFalse());
    }

    @Test
    void refusesOneKeyForTwoSourcesWithoutQuotingIt() {
        // Given
        Keys.Builder keys = Keys.builder().add("tell-nobody", SHOP);
        // When, Then
        assertThatThrownBy(() -> keys.add("tell-nobody", WEB))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "source 'web' has the same key as source 'shop': each key must be one source's");
    }

    @Test
    void refusesKeysThatNoCallerCanSend() {
        assertThatThrownBy(() -> Keys.builder().add(" ", SHOP)).hasMessageContaining("empty");
        assertThatThrownBy(() -> Keys.builder().add("a:b", SHOP)).hasMessageContaining("':'");
    }

    @Test
    void printsNoKey() {
        assertThat(Keys.builder().add("tell-nobody", SHOP).build()).hasToString("1 keys");
    }
}
