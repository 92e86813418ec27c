package dev.caravan.ingest;

import dev.caravan.event.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Answers what browser and mobile SDKs ask when they start. They send to the host that it names,
 * with the key that it names, and not at all if the integration is missing: so it echoes the host
 * that was asked and the key in the path. It does not tell whether that key is known.
 */
public final class HttpSettings implements Processor {
    private static final String INTEGRATION = "Customer.io Data Pipelines";

    @Override
    public void process(Exchange exchange) {
        String key = exchange.getMessage().getHeader("key", "", String.class);
        String host = HttpCall.of(exchange).host() + "/v1";
        exchange.getMessage().setBody(Json.toBytes(settings(key, host)));
    }

    private static Map<String, Object> settings(String key, String apiHost) {
        Map<String, Object> integration = new LinkedHashMap<>();
        integration.put("apiKey", key);
        integration.put("apiHost", apiHost);
        integration.put("unbundledIntegrations", List.of());
        integration.put("addBundledMetadata", true);
        integration.put(
                "versionSettings",
                Map.of("version", "0.4.7", "componentTypes", List.of("browser")));
        Map<String, Object> enabled = Map.of("__default", Map.of("enabled", true));
        Map<String, Object> plan = new LinkedHashMap<>();
        plan.put("track", Map.of("__default", Map.of("enabled", true, "integrations", Map.of())));
        plan.put("identify", enabled);
        plan.put("group", enabled);
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("integrations", Map.of(INTEGRATION, integration));
        settings.put("plan", plan);
        settings.put("edgeFunction", Map.of());
        settings.put("analyticsNextEnabled", true);
        settings.put("middlewareSettings", Map.of());
        settings.put("enabledMiddleware", Map.of());
        settings.put("metrics", Map.of("sampleRate", 0));
        settings.put("legacyVideoPluginsEnabled", false);
        settings.put("remotePlugins", List.of());
        return settings;
    }
}
