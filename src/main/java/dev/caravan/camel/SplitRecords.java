package dev.caravan.camel;

import dev.caravan.ingest.Records;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.model.SplitDefinition;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;

/**
 * Looks at each exchange as a split hands it over, while its body still is what was split: a later
 * step may make something else of it, or split it again, and it would not be known which of the
 * connector's records that came from.
 */
final class SplitRecords implements InterceptStrategy {
    @Override
    public Processor wrapProcessorInInterceptors(
            CamelContext context, NamedNode definition, Processor target, Processor next) {
        return definition.getParent() instanceof SplitDefinition
                ? new DelegateAsyncProcessor(target) {
                    @Override
                    public boolean process(Exchange exchange, AsyncCallback callback) {
                        Records.splitHandsOver(exchange);
                        return super.process(exchange, callback);
                    }
                }
                : target;
    }
}
