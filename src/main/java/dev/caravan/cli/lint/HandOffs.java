package dev.caravan.cli.lint;

import dev.caravan.cli.lint.Routes.Route;
import dev.caravan.cli.lint.Steps.Step;
import dev.caravan.mapping.Yaml;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Steps that go on in another thread. Between the journal and a destination they break what Caravan
 * promises: the route ends, its events count as delivered, and the send is still to come or never
 * comes. Between a door and the journal the door acknowledges what is not stored.
 */
final class HandOffs {
    private static final Set<String> QUEUES = Set.of("seda", "disruptor", "disruptor-vm", "vm");
    private static final Set<String> ALWAYS =
            Set.of("wireTap", "threads", "aggregate", "resequence");
    private static final Set<String> LEAVES_DOOR = Set.of("threads", "aggregate", "resequence");
    private static final Set<String> PARALLEL = Set.of("multicast", "split", "recipientList");
    private static final Set<String> DELAYS = Set.of("delay", "throttle");

    private final Routes routes;
    private final Map<String, Kamelet> kamelets;
    private final Findings findings;

    HandOffs(Routes routes, Map<String, Kamelet> kamelets, Findings findings) {
        this.routes = routes;
        this.kamelets = kamelets;
        this.findings = findings;
    }

    void check() {
        for (Route route : routes.all()) {
            if (route.isDestination()) {
                new Walk(route).steps(route.body(), route.values(), route.source());
            } else if (QUEUES.contains(route.from().scheme())
                    && route.source().mine()
                    && stores(route)) {
                findings.warning(
                        route.source().name(),
                        route.from().place(),
                        "events wait in '%s:' before they are stored, so what a door has acknowledged is lost in a crash; use 'direct:'"
                                .formatted(route.from().scheme()));
            } else {
                beforeStoring(route);
            }
        }
    }

    private static boolean isAsync(Step step) {
        return DELAYS.contains(step.name()) && step.has("asyncDelayed");
    }

    /** Whether the route itself stores what it brings. */
    static boolean stores(Route route) {
        var stores = new boolean[1];
        Steps.each(route.body(), step -> stores[0] |= stores(step, route));
        return stores[0];
    }

    private static boolean stores(Step step, Route route) {
        return step.targets().stream()
                .anyMatch(use -> use.resolved(route.values()).address().equals("caravan:events"));
    }

    /** Steps behind which the door has its answer, though the events are still to be stored. */
    private void beforeStoring(Route route) {
        var left = new Step[1];
        Steps.each(
                route.body(),
                step -> {
                    boolean tapped = step.name().equals("wireTap");
                    if (LEAVES_DOOR.contains(step.name()) || isAsync(step)) {
                        left[0] = step;
                    } else if (tapped ? tapStores(step, route) : stores(step, route)) {
                        tellOfDoor(tapped ? step : left[0], route);
                        left[0] = null;
                    }
                });
    }

    private boolean tapStores(Step tap, Route route) {
        return stores(tap, route)
                || tap.targets().stream()
                        .map(use -> use.resolved(route.values()))
                        .filter(use -> use.scheme().equals("direct"))
                        .flatMap(use -> routes.at("direct", use.path()).stream())
                        .anyMatch(HandOffs::stores);
    }

    private void tellOfDoor(@Nullable Step left, Route route) {
        if (left != null && route.source().mine()) {
            findings.warning(
                    route.source().name(),
                    left.place(),
                    "'%s' lets what comes in go on by itself, so a door acknowledges it before it is stored, and a crash loses it; store it in the route itself"
                            .formatted(left.name()));
        }
    }

    /** From one destination through all routes that it leads to. */
    private final class Walk {
        private final Route destination;
        private final Set<String> seen = new HashSet<>();

        Walk(Route destination) {
            this.destination = destination;
        }

        void steps(Yaml body, Values values, Source source) {
            Steps.each(body, step -> step(step, values, source));
        }

        private void step(Step step, Values values, Source source) {
            if (leaves(step)) {
                tell(step, "'" + step.name() + "'", source);
                return;
            }
            for (EndpointUse target : step.targets()) {
                go(step, target.resolved(values), values, source);
            }
        }

        private void go(Step step, EndpointUse target, Values values, Source source) {
            String scheme = target.scheme();
            if (QUEUES.contains(scheme)) {
                tell(step, "'" + scheme + ":'", source);
            } else if (scheme.equals("direct") && seen.add("direct:" + target.path())) {
                for (Route next : routes.at("direct", target.path())) {
                    steps(next.body(), next.values(), next.source());
                }
            } else if (scheme.equals("kamelet") && seen.add("kamelet:" + target.path())) {
                Kamelet kamelet = kamelets.get(target.path());
                if (kamelet != null) {
                    Values inside = values.with(kamelet.defaults());
                    steps(kamelet.template(), inside, kamelet.source());
                }
            }
        }

        private static boolean leaves(Step step) {
            return ALWAYS.contains(step.name())
                    || (PARALLEL.contains(step.name()) && step.has("parallelProcessing"))
                    || isAsync(step);
        }

        private void tell(Step step, String what, Source source) {
            if (!source.mine()) {
                return;
            }
            findings.error(
                    source.name(),
                    step.place(),
                    "%s lets events go on by themselves, so those of the destination '%s' would count as delivered before they are sent; send them in the route itself ('parallel' of 'caravan:events' makes it fast)"
                            .formatted(what, destination.destination()));
        }
    }
}
