package dev.caravan.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.Json;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CustomerIoReportsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 1970-01-01T00:00:00.000Z",
        "1613063089, 2021-02-11T17:04:49.000Z",
        "253402300799, 9999-12-31T23:59:59.000Z"
    })
    void tellsTheTime(String seconds, String time) throws Exception {
        assertThat(timestamp(seconds)).isEqualTo('"' + time + '"');
    }

    @ParameterizedTest
    @CsvSource({"-1", "253402300800", "1613063089000", "9000000000000000000", "1e400"})
    void leavesATimeThatIsNoneForADeadLetter(String seconds) throws Exception {
        assertThat(timestamp(seconds)).doesNotContain("T").matches("-?[0-9].*");
    }

    private static String timestamp(String seconds) throws Exception {
        try (var camel = new DefaultCamelContext()) {
            var exchange = new DefaultExchange(camel);
            String report =
                    "{\"metric\":\"sent\",\"object_type\":\"email\",\"timestamp\":" + seconds + "}";
            exchange.getMessage().setBody(report.getBytes(UTF_8));
            new CustomerIoReports().process(exchange);
            return Json.toTree(exchange.getMessage().getBody(byte[].class))
                    .get("timestamp")
                    .toString();
        }
    }
}
