package dev.caravan.cli.lint;

import dev.caravan.cli.lint.Routes.Route;
import dev.caravan.cli.lint.Steps.Step;
import dev.caravan.mapping.Yaml;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Steps that go on in another thread. Between the journal and a destination they break what Caravan
 * promises: the route ends, its events count as delivered, and the send is still to come or never
 * comes. Between a door and the journal the door acknowledges what is not stored.
 */
final class HandOffs {
    private static final Set<String> QUEUES = Set.of("seda", "disruptor", "disruptor-vm", "vm");
    private static final Set<String> ALWAYS =
            Set.of("wireTap", "threads", "aggregate", "resequence");
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
            }
        }
    }

    private static boolean stores(Route route) {
        var stores = new boolean[1];
        Steps.each(
                route.body(),
                step ->
                        stores[0] |=
                                step.target()
                                        .map(use -> use.resolved(route.values()).address())
                                        .filter("caravan:events"::equals)
                                        .isPresent());
        return stores[0];
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
            Optional<EndpointUse> target = step.target().map(use -> use.resolved(values));
            String scheme = target.map(EndpointUse::scheme).orElse("");
            if (leaves(step) || QUEUES.contains(scheme)) {
                tell(step, leaves(step) ? "'" + step.name() + "'" : "'" + scheme + ":'", source);
            } else if (scheme.equals("direct") && seen.add("direct:" + target.get().path())) {
                for (Route next : routes.at("direct", target.get().path())) {
                    steps(next.body(), next.values(), next.source());
                }
            } else if (scheme.equals("kamelet") && seen.add("kamelet:" + target.get().path())) {
                Kamelet kamelet = kamelets.get(target.get().path());
                if (kamelet != null) {
                    Values inside = values.with(kamelet.defaults());
                    steps(kamelet.template(), inside, kamelet.source());
                }
            }
        }

        private static boolean leaves(Step step) {
            return ALWAYS.contains(step.name())
                    || (PARALLEL.contains(step.name()) && step.has("parallelProcessing"))
                    || (DELAYS.contains(step.name()) && step.has("asyncDelayed"));
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
