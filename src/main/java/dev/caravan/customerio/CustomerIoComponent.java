package dev.caravan.customerio;

import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code customerio:} component. Endpoints of the same account share its connections and its
 * limit of requests.
 */
@Component("customerio")
public class CustomerIoComponent extends DefaultComponent {
    private static final Logger LOG = LoggerFactory.getLogger(CustomerIoComponent.class);

    @Metadata(label = "advanced", description = "The options that endpoints start from.")
    private CustomerIoConfiguration configuration = new CustomerIoConfiguration();

    @Metadata(
            label = "common",
            description =
                    "Accounts by name, for several workspaces: each has apiKey, and may have region, url, rate and sandbox of its own.")
    private Map<String, CustomerIoAccount> accounts = new HashMap<>();

    private final InstantSource clock = InstantSource.system();
    private final Sandbox standIn = new Sandbox(clock);
    private final Executor threads = Timer.threads("customerio");
    private final Map<Account, Shared> shared = new ConcurrentHashMap<>();
    private @Nullable Connections connections;
    private Timer.@Nullable Scheduled timer;
    private boolean warned;

    /** The limit that all endpoints of an account keep together. */
    private record Shared(int rate, @Nullable Pace pace) {}

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
            throws Exception {
        var endpoint = new CustomerIoEndpoint(uri, this, configuration.copy());
        endpoint.setOperation(remaining);
        if (parameters.containsKey("apiKey")) {
            useOwnKey(endpoint.getConfiguration(), parameters);
        }
        setProperties(endpoint, parameters);
        return endpoint;
    }

    /** A key in the endpoint's address is meant to be used, whatever the component is set to. */
    private static void useOwnKey(CustomerIoConfiguration options, Map<String, Object> parameters) {
        if (parameters.containsKey("account")) {
            throw new IllegalArgumentException(
                    "customerio: give either apiKey or account, not both");
        }
        options.setAccount(null);
        options.setSandbox(false);
    }

    public CustomerIoConfiguration getConfiguration() {
        return configuration;
    }

    public void setConfiguration(CustomerIoConfiguration configuration) {
        this.configuration = configuration;
    }

    public Map<String, CustomerIoAccount> getAccounts() {
        return accounts;
    }

    public void setAccounts(Map<String, CustomerIoAccount> accounts) {
        this.accounts = accounts;
    }

    /** What stands in for Customer.io where {@link #sandboxed} says so. */
    public Sandbox sandbox() {
        return standIn;
    }

    /**
     * Whether an account's events go to the sandbox.
     *
     * @param account the account's name, null for that of an endpoint that names none
     * @throws IllegalArgumentException if there is no such account
     */
    public boolean sandboxed(@Nullable String account) {
        CustomerIoConfiguration options = configuration.copy();
        if (account != null) {
            options.setAccount(account);
        }
        return resolve(options).isSandbox();
    }

    /** The options of an endpoint with those of its account. */
    CustomerIoConfiguration resolve(CustomerIoConfiguration options) {
        String name = options.getAccount();
        if (name == null) {
            return options;
        }
        CustomerIoAccount account = accounts.get(name);
        if (account == null) {
            throw new IllegalArgumentException(
                    "customerio: there is no account '%s'; there are %s"
                            .formatted(name, new TreeSet<>(accounts.keySet())));
        }
        return account.over(options);
    }

    /**
     * A client for an endpoint.
     *
     * @param options with those of the account
     * @throws IllegalArgumentException if an option has no sensible value
     */
    PipelinesClient client(CustomerIoConfiguration options) {
        options.check();
        Timer timer = timer();
        if (options.isSandbox()) {
            warnOfSandbox();
            return new PipelinesClient(standIn, "sandbox", null, timer, UnaryOperator.identity());
        }
        Account account = account(options);
        if (account.exposed()) {
            LOG.warn(
                    "The API key for {} travels unencrypted: use https",
                    account.base().getAuthority());
        }
        Duration connectTimeout = positive("connectTimeout", options.getConnectTimeout());
        Duration requestTimeout = positive("requestTimeout", options.getRequestTimeout());
        Transport transport =
                new HttpTransport(
                        connections(),
                        account,
                        connectTimeout,
                        requestTimeout,
                        options.isGzip(),
                        clock,
                        threads);
        return new PipelinesClient(
                transport,
                account.base().getAuthority(),
                pace(account, options.getRate()),
                timer,
                account::redacted);
    }

    /** The address that an endpoint sends to, if its options are right. */
    static URI base(CustomerIoConfiguration options) {
        String url = options.getUrl();
        return url == null || url.isBlank()
                ? Region.of(options.getRegion()).base()
                : Account.baseOf(url);
    }

    private static Account account(CustomerIoConfiguration options) {
        String key = options.getApiKey();
        if (key == null || key.isBlank()) {
            String name = options.getAccount();
            throw new IllegalArgumentException(
                    "customerio: %s has no apiKey; set it, or sandbox=true to try without Customer.io"
                            .formatted(name == null ? "the endpoint" : "account '" + name + "'"));
        }
        return new Account(key, base(options));
    }

    private @Nullable Pace pace(Account account, int rate) {
        Shared used =
                shared.computeIfAbsent(
                        account,
                        key ->
                                new Shared(
                                        rate, rate == 0 ? null : new Pace(rate, System::nanoTime)));
        if (used.rate() != rate) {
            throw new IllegalArgumentException(
                    "customerio: the rate of one account is set to both %,d and %,d"
                            .formatted(used.rate(), rate));
        }
        return used.pace();
    }

    private static Duration positive(String option, long millis) {
        if (millis < 1) {
            throw new IllegalArgumentException(
                    "customerio: %s must be 1 ms or more but is %,d".formatted(option, millis));
        }
        return Duration.ofMillis(millis);
    }

    private synchronized void warnOfSandbox() {
        if (!warned) {
            warned = true;
            LOG.warn(
                    "Events go to the sandbox in this process and NOT to Customer.io: set an API key to deliver them");
        }
    }

    private synchronized Connections connections() {
        if (connections == null) {
            Vertx shared = getCamelContext().getRegistry().findSingleByType(Vertx.class);
            connections = new Connections(shared, threads);
        }
        return connections;
    }

    private synchronized Timer timer() {
        if (timer == null) {
            timer = new Timer.Scheduled(threads);
        }
        return timer;
    }

    @Override
    protected void doShutdown() throws Exception {
        synchronized (this) {
            if (timer != null) {
                timer.close();
                timer = null;
            }
            if (connections != null) {
                connections.close();
                connections = null;
            }
        }
        shared.clear();
        super.doShutdown();
    }
}
