package dev.caravan.customerio;

import org.apache.camel.AsyncEndpoint;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.EndpointServiceLocation;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;
import org.jspecify.annotations.Nullable;

/**
 * Send customer events to Customer.io.
 *
 * <p>Takes one event (a map, a JSON object, or Caravan's Event) or a list of events. Each event's
 * outcome is in the {@link dev.caravan.delivery.DeliveryException} that ends the exchange unless
 * all were taken.
 */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "customerio",
        title = "Customer.io",
        syntax = "customerio:operation",
        category = {Category.SAAS, Category.CLOUD},
        producerOnly = true,
        headersClass = CustomerIoConstants.class)
public class CustomerIoEndpoint extends DefaultEndpoint
        implements AsyncEndpoint, EndpointServiceLocation {
    /** The Pipelines API, the only operation. */
    static final String PIPELINES = "pipelines";

    @UriPath(
            enums = "pipelines",
            description = "Which of Customer.io's APIs to send to: pipelines (also called CDP).")
    @Metadata(required = true)
    private String operation = PIPELINES;

    @UriParam private CustomerIoConfiguration configuration;

    private @Nullable PipelinesClient client;

    public CustomerIoEndpoint(
            String uri, CustomerIoComponent component, CustomerIoConfiguration configuration) {
        super(uri, component);
        this.configuration = configuration;
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        if (!PIPELINES.equals(operation)) {
            throw new IllegalArgumentException(
                    "customerio: the operation must be pipelines but is '" + operation + "'");
        }
        var component = (CustomerIoComponent) getComponent();
        client = component.client(component.resolve(configuration));
    }

    /** The client for this endpoint, once it is initialised. */
    PipelinesClient client() {
        PipelinesClient ready = client;
        if (ready == null) {
            throw new IllegalStateException("customerio: the endpoint is not initialised");
        }
        return ready;
    }

    @Override
    public Producer createProducer() {
        return new CustomerIoProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new UnsupportedOperationException("customerio: cannot be read from");
    }

    @Override
    public String getServiceUrl() {
        var options = ((CustomerIoComponent) getComponent()).resolve(configuration);
        return options.isSandbox() ? "sandbox" : CustomerIoComponent.base(options).toString();
    }

    @Override
    public String getServiceProtocol() {
        return "http";
    }

    public String getOperation() {
        return operation;
    }

    public void setOperation(String operation) {
        this.operation = operation;
    }

    public CustomerIoConfiguration getConfiguration() {
        return configuration;
    }

    public void setConfiguration(CustomerIoConfiguration configuration) {
        this.configuration = configuration;
    }
}
