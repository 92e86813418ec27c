package dev.caravan.customerio;

import org.jspecify.annotations.Nullable;

/**
 * A named account of the {@code customerio:} component. What is null is the component's, except the
 * key. One that sets its own region is not sent to the component's {@code url}.
 */
public class CustomerIoAccount {
    private @Nullable String apiKey;
    private @Nullable String region;
    private @Nullable String url;
    private @Nullable Boolean sandbox;
    private @Nullable Integer rate;

    public @Nullable String getApiKey() {
        return apiKey;
    }

    /** The API key of the account's source in Pipelines. */
    public void setApiKey(@Nullable String apiKey) {
        this.apiKey = apiKey;
    }

    public @Nullable String getRegion() {
        return region;
    }

    /** {@code us} or {@code eu}. */
    public void setRegion(@Nullable String region) {
        this.region = region;
    }

    public @Nullable String getUrl() {
        return url;
    }

    /** An address to use in place of the region's. */
    public void setUrl(@Nullable String url) {
        this.url = url;
    }

    public @Nullable Boolean getSandbox() {
        return sandbox;
    }

    /**
     * Whether to send to the sandbox; by default only if there is no key and the component does.
     */
    public void setSandbox(@Nullable Boolean sandbox) {
        this.sandbox = sandbox;
    }

    public @Nullable Integer getRate() {
        return rate;
    }

    /** Requests in 3 seconds, 0 for no limit. */
    public void setRate(@Nullable Integer rate) {
        this.rate = rate;
    }

    /** The options of an endpoint that uses this account. */
    CustomerIoConfiguration over(CustomerIoConfiguration component) {
        CustomerIoConfiguration merged = component.copy();
        merged.setApiKey(apiKey);
        merged.setSandbox(sandbox != null ? sandbox : apiKey == null && component.isSandbox());
        if (region != null || url != null) {
            merged.setRegion(region != null ? region : component.getRegion());
            merged.setUrl(url);
        }
        if (rate != null) {
            merged.setRate(rate);
        }
        return merged;
    }

    /** Leaves out the key. */
    @Override
    public String toString() {
        return "Customer.io account" + (region == null ? "" : " in " + region);
    }
}
