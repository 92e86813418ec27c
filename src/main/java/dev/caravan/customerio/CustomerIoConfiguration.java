package dev.caravan.customerio;

import org.apache.camel.RuntimeCamelException;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;
import org.jspecify.annotations.Nullable;

/** The options of the {@code customerio:} component; each endpoint has its own copy. */
@UriParams
public class CustomerIoConfiguration implements Cloneable {
    @UriParam(
            label = "common",
            description =
                    "The name of one of the accounts that are configured on the component. Without it the component's own API key is used, or the endpoint's.")
    private @Nullable String account;

    @UriParam(
            label = "security",
            secret = true,
            description =
                    "The API key of a source in Customer.io's Pipelines (not a Track API key). Required, unless an account gives one or the sandbox is used.")
    @Metadata(label = "security", secret = true)
    private @Nullable String apiKey;

    @UriParam(
            label = "common",
            defaultValue = "us",
            enums = "us,eu",
            description =
                    "The region that the account is in. Events sent to the other region may be dropped silently.")
    private String region = "us";

    @UriParam(
            label = "advanced",
            description =
                    "An address to use in place of the region's, such as http://127.0.0.1:9900; the paths /v1/... are appended to it.")
    private @Nullable String url;

    @UriParam(
            label = "common",
            defaultValue = "false",
            description =
                    "Whether to send to the sandbox in this process and not to Customer.io. It checks as Customer.io's strict mode does, and needs no API key.")
    private boolean sandbox;

    @UriParam(
            label = "advanced",
            defaultValue = "3000",
            description =
                    "Requests in 3 seconds that are not exceeded, for all endpoints of an account together; further ones wait. 0 turns the limit off.")
    private int rate = 3000;

    @UriParam(
            label = "advanced",
            defaultValue = "5000",
            javaType = "java.time.Duration",
            description = "How long the set-up of a connection may take.")
    private long connectTimeout = 5_000;

    @UriParam(
            label = "advanced",
            defaultValue = "15000",
            javaType = "java.time.Duration",
            description = "How long a request may take, from its start to the end of the answer.")
    private long requestTimeout = 15_000;

    @UriParam(
            label = "advanced",
            defaultValue = "false",
            description = "Whether to compress the requests.")
    private boolean gzip;

    public @Nullable String getAccount() {
        return account;
    }

    public void setAccount(@Nullable String account) {
        this.account = account;
    }

    public @Nullable String getApiKey() {
        return apiKey;
    }

    public void setApiKey(@Nullable String apiKey) {
        this.apiKey = apiKey;
    }

    public String getRegion() {
        return region;
    }

    public void setRegion(String region) {
        this.region = region;
    }

    public @Nullable String getUrl() {
        return url;
    }

    public void setUrl(@Nullable String url) {
        this.url = url;
    }

    public boolean isSandbox() {
        return sandbox;
    }

    public void setSandbox(boolean sandbox) {
        this.sandbox = sandbox;
    }

    public int getRate() {
        return rate;
    }

    public void setRate(int rate) {
        this.rate = rate;
    }

    public long getConnectTimeout() {
        return connectTimeout;
    }

    public void setConnectTimeout(long connectTimeout) {
        this.connectTimeout = connectTimeout;
    }

    public long getRequestTimeout() {
        return requestTimeout;
    }

    public void setRequestTimeout(long requestTimeout) {
        this.requestTimeout = requestTimeout;
    }

    public boolean isGzip() {
        return gzip;
    }

    public void setGzip(boolean gzip) {
        this.gzip = gzip;
    }

    /**
     * Checks what has a rule of its own, whether there is a key or not: who tries the sandbox first
     * is told then, and not when it counts.
     *
     * @throws IllegalArgumentException if an option has no sensible value; names it
     */
    public void check() {
        CustomerIoComponent.base(this);
        if (rate < 0 || rate > Pace.HIGHEST) {
            throw new IllegalArgumentException(
                    "customerio: rate must be 0 to %,d but is %,d".formatted(Pace.HIGHEST, rate));
        }
    }

    /** Another one with the same values. */
    public CustomerIoConfiguration copy() {
        try {
            return (CustomerIoConfiguration) clone();
        } catch (CloneNotSupportedException e) {
            throw new RuntimeCamelException(e);
        }
    }

    /** Leaves out the key. */
    @Override
    public String toString() {
        return "Customer.io account "
                + (account == null ? "of the component" : account)
                + (sandbox ? ", in the sandbox" : ", region " + region);
    }
}
