package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JavaJsonTest {
    @Test
    void refusesOnlyTheValueThatHasANumberTooLongToBeWritten() {
        // Given
        var row = Map.of("n", new BigDecimal("1e20000"));
        // When / Then
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JavaJson.toBytes(row))
                .withMessageStartingWith("it does not become JSON");
    }
}
