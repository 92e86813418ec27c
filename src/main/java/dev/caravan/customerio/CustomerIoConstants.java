package dev.caravan.customerio;

import org.apache.camel.spi.Metadata;

/** Headers of the {@code customerio:} component. */
public final class CustomerIoConstants {
    @Metadata(
            label = "producer",
            description = "The HTTP status of the last answer, 0 if no request was needed.",
            javaType = "Integer")
    public static final String STATUS = "CamelCustomerIoStatus";

    @Metadata(
            label = "producer",
            description = "How many requests the events were sent in.",
            javaType = "Integer")
    public static final String REQUESTS = "CamelCustomerIoRequests";

    @Metadata(
            label = "producer",
            description =
                    "How often the same events were sent before, which Customer.io is told. Without this header the redelivery counter of Camel's error handler says it.",
            javaType = "Integer")
    public static final String RETRY_COUNT = "CamelCustomerIoRetryCount";

    private CustomerIoConstants() {}
}
