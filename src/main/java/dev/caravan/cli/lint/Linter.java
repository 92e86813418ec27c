package dev.caravan.cli.lint;

import dev.caravan.cli.lint.Routes.Route;
import dev.caravan.cli.lint.Routes.Template;
import dev.caravan.cli.lint.Routes.TemplatedRoute;
import dev.caravan.mapping.Nearest;
import dev.caravan.mapping.Yaml;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Looks through a home as a start would, tells all that is wrong at once, and starts nothing:
 *
 * <ul>
 *   <li>routes and kamelets: YAML, Camel's schema of it, components and their options, JSONPath,
 *       placeholders without a value, targets, kamelets, templates and mappings that are not there,
 *       what a destination has to say, and steps that take events out of the journal's hands;
 *   <li>mappings and their tests: all that their compiler finds;
 *   <li>settings: names and values.
 * </ul>
 */
public final class Linter {
    private static final Set<String> FILES = Set.of("file", "ftp", "ftps", "sftp");

    /** These say nothing of whether another program still writes. */
    private static final Set<String> NO_LOCKS = Set.of("none", "markerFile", "idempotent");

    /** Options by which a route leaves alone what is not complete. */
    private static final Set<String> GUARDS =
            Set.of(
                    "doneFileName",
                    "exclude",
                    "excludeExt",
                    "antExclude",
                    "filter",
                    "filterFile",
                    "processStrategy",
                    "exclusiveReadLockStrategy");

    private final HomeSettings settings;
    private final boolean withValues;
    private final Findings findings = new Findings();
    private final Home home;
    private final Components components = new Components();
    private final DslSchema schema = DslSchema.load();

    /**
     * Makes one.
     *
     * @param folder the home; findings name files by it
     * @param settings of that home
     * @param withValues whether a placeholder must have a value here and now
     */
    public Linter(Path folder, HomeSettings settings, boolean withValues) {
        this.settings = settings;
        this.withValues = withValues;
        this.home = new Home(folder, findings);
    }

    /**
     * What was found, and in how many files it was looked for.
     *
     * @param findings by file and line
     */
    public record Report(List<Finding> findings, int files) {
        public Report {
            findings = List.copyOf(findings);
        }

        /** How many of the findings are errors. */
        public long errors() {
            return findings.stream().filter(Finding::isError).count();
        }

        /** How many are warnings. */
        public long warnings() {
            return findings.size() - errors();
        }
    }

    /** Looks at everything, once. */
    public Report run() {
        List<Source> sources = home.routes();
        Map<String, Kamelet> kamelets = home.kamelets();
        var routes = new Routes(sources, settings);
        var mappings =
                new MappingNames(
                        home.mappings().stream()
                                .flatMap(file -> home.mappingName(file).stream())
                                .toList());
        var endpoints = new EndpointCheck(components, kamelets, mappings, findings);
        for (Source source : sources) {
            if (source.mine()) {
                file(source, endpoints);
                configurations(source, routes);
            }
        }
        kamelets.values().stream()
                .filter(kamelet -> kamelet.source().mine())
                .forEach(kamelet -> kamelet(kamelet, endpoints));
        templates(routes, endpoints);
        routes(routes);
        new HandOffs(routes, kamelets, findings).check();
        new MappingCheck(home, destinations(routes), findings).check();
        new PropertiesCheck(home, settings, components, findings).check();
        return new Report(findings.inOrder(), home.files());
    }

    // --- a file of routes

    private void file(Source source, EndpointCheck endpoints) {
        schema.checkFile(source.root(), source.name(), findings);
        new JsonPathCheck(findings).check(source.root(), source.name());
        if (source.root() instanceof Yaml.Items items) {
            for (Yaml item : items.items()) {
                Map<String, String> local = locals(item);
                var values = new Values(local, settings);
                placeholders(item, localNames(item), source.name());
                Steps.endpoints("", item, use -> endpoints.check(use, values, source.name()));
            }
        }
    }

    private void placeholders(Yaml tree, Collection<String> local, String file) {
        if (withValues) {
            new PlaceholderCheck(settings, findings).check(tree, local, file);
        }
    }

    /** A template's parameters that have a default. */
    private static Map<String, String> locals(Yaml item) {
        Map<String, String> locals = new LinkedHashMap<>();
        eachParameter(
                item,
                one -> {
                    Yaml.Scalar name = Trees.scalar(one, "name");
                    Yaml.Scalar value = Trees.scalar(one, "defaultValue");
                    if (name != null && value != null) {
                        locals.put(name.text(), value.text());
                    }
                });
        return locals;
    }

    private static Set<String> localNames(Yaml item) {
        Set<String> names = new LinkedHashSet<>();
        eachParameter(
                item,
                one -> {
                    Yaml.Scalar name = Trees.scalar(one, "name");
                    if (name != null) {
                        names.add(name.text());
                    }
                });
        return names;
    }

    private static void eachParameter(Yaml item, Consumer<Yaml> visitor) {
        for (String part : List.of("parameters", "beans")) {
            if (Trees.at(item, "routeTemplate", part) instanceof Yaml.Items list) {
                list.items().forEach(visitor);
            }
        }
    }

    // --- kamelets

    private void kamelet(Kamelet kamelet, EndpointCheck endpoints) {
        String file = kamelet.source().name();
        if (!file.endsWith("/" + kamelet.name() + ".kamelet.yaml")) {
            findings.error(
                    file,
                    kamelet.namePlace(),
                    "it is called '%s', so its file must be %s.kamelet.yaml"
                            .formatted(kamelet.name(), kamelet.name()));
        }
        Yaml.Members template = kamelet.template();
        Set<String> known = Set.of("id", "beans", "from", "route");
        template.members()
                .forEach(
                        (key, member) -> {
                            if (!known.contains(key)) {
                                findings.error(
                                        file,
                                        member.place(),
                                        "unknown key '%s' in 'template'%s"
                                                .formatted(key, Nearest.hint(key, known)));
                            } else if (!key.equals("id")) {
                                schema.check(member.value(), key, file, findings);
                            }
                        });
        for (String required : kamelet.required()) {
            if (!kamelet.properties().containsKey(required)) {
                findings.error(
                        file,
                        kamelet.namePlace(),
                        "'required' names '%s', which is no property%s"
                                .formatted(
                                        required,
                                        Nearest.hint(required, kamelet.properties().keySet())));
            }
        }
        new JsonPathCheck(findings).check(template, file);
        var values = new Values(kamelet.defaults(), settings);
        Steps.endpoints("", template, use -> endpoints.check(use, values, file));
        Set<String> local = new LinkedHashSet<>(kamelet.properties().keySet());
        if (template.get("beans") instanceof Yaml.Items beans) {
            for (Yaml bean : beans.items()) {
                Yaml.Scalar name = Trees.scalar(bean, "name");
                if (name != null) {
                    local.add(name.text());
                }
            }
        }
        placeholders(template, local, file);
    }

    // --- templates

    private void templates(Routes routes, EndpointCheck endpoints) {
        for (TemplatedRoute use : routes.templatedRoutes()) {
            Template template = routes.templates().get(use.template());
            if (template == null) {
                findings.error(
                        use.source().name(),
                        use.place(),
                        "there is no route template '%s'%s"
                                .formatted(
                                        use.template(),
                                        Nearest.hint(use.template(), routes.templates().keySet())));
                continue;
            }
            use.parameters()
                    .forEach(
                            (name, option) -> {
                                if (!template.parameters().containsKey(name)) {
                                    findings.error(
                                            use.source().name(),
                                            option.place(),
                                            "unknown parameter '%s' of the template '%s'%s"
                                                    .formatted(
                                                            name,
                                                            template.id(),
                                                            Nearest.hint(
                                                                    name,
                                                                    template.parameters()
                                                                            .keySet())));
                                }
                            });
            for (String needed : template.needed()) {
                if (!use.parameters().containsKey(needed)) {
                    findings.error(
                            use.source().name(),
                            use.place(),
                            "the template '%s' needs '%s'".formatted(template.id(), needed));
                }
            }
        }
        for (Route route : routes.all()) {
            if (route.isOfTemplate()
                    && route.isDestination()
                    && !route.destination().contains("{{")) {
                endpoints.caravan(atUse(route), route.file().name());
            }
        }
    }

    /** What is wrong with the values of a template is told where they are given. */
    private static EndpointUse atUse(Route route) {
        Map<String, Yaml.Scalar> parameters = new LinkedHashMap<>();
        route.from()
                .options()
                .forEach(
                        (name, option) ->
                                parameters.put(
                                        name,
                                        new Yaml.Scalar(option.value(), true, route.place())));
        return new EndpointUse(route.from().address(), true, parameters, route.place());
    }

    // --- routes beside each other

    private void routes(Routes routes) {
        Map<String, Route> ids = new HashMap<>();
        Map<String, Route> destinations = new HashMap<>();
        for (Route route : routes.all()) {
            if (!route.id().isEmpty()) {
                twice(route, ids.putIfAbsent(route.id(), route), "the id '" + route.id() + "'");
            }
            if (route.isDestination() && !route.destination().isEmpty()) {
                twice(
                        route,
                        destinations.putIfAbsent(route.destination(), route),
                        "the destination '" + route.destination() + "'");
            }
            targets(route, routes);
            readsHalf(route, routes, findings);
        }
    }

    /** A file that is still being written would be read as far as it is, and moved away. */
    private static void readsHalf(Route route, Routes routes, Findings findings) {
        if (route.file().mine()
                && FILES.contains(route.from().scheme())
                && !isGuarded(route.from())
                && stores(route, routes, new HashSet<>())) {
            findings.warning(
                    route.file().name(),
                    route.isOfTemplate() ? route.place() : route.from().place(),
                    "nothing says when a file is complete, so one that is still being written is read half: add 'readLock: changed' and 'readLockMinAge: 5s', or 'doneFileName', or take the kamelet '%s-source'"
                            .formatted(route.from().scheme().equals("file") ? "file" : "sftp"));
        }
    }

    private static boolean isGuarded(EndpointUse from) {
        EndpointUse.Option lock = from.options().get("readLock");
        return (lock != null && !NO_LOCKS.contains(lock.value()))
                || GUARDS.stream().anyMatch(from.options()::containsKey);
    }

    private static boolean stores(Route route, Routes routes, Set<String> seen) {
        if (HandOffs.stores(route)) {
            return true;
        }
        var stores = new boolean[1];
        Steps.endpoints(
                "steps",
                route.body(),
                written -> {
                    EndpointUse use = written.resolved(route.values());
                    stores[0] |=
                            !use.consumer()
                                    && use.scheme().equals("direct")
                                    && seen.add(use.path())
                                    && routes.at("direct", use.path()).stream()
                                            .anyMatch(next -> stores(next, routes, seen));
                });
        return stores[0];
    }

    private void twice(Route route, Route before, String what) {
        if (before != null) {
            boolean later = route.file().mine();
            Route mine = later ? route : before;
            Route other = later ? before : route;
            findings.error(
                    mine.file().name(),
                    mine.place(),
                    "%s is taken by another route, %s:%d"
                            .formatted(what, other.file().name(), other.place().line()));
        }
    }

    /** A start would stop here, too. */
    private void targets(Route route, Routes routes) {
        if (!route.file().mine()) {
            return;
        }
        Steps.endpoints(
                "steps",
                route.body(),
                written -> {
                    EndpointUse use = written.resolved(route.values());
                    if (use.consumer()
                            || !use.scheme().equals("direct")
                            || EndpointUse.open(use.path())
                            || Optional.ofNullable(use.options().get("failIfNoConsumers"))
                                    .filter(option -> option.value().equals("false"))
                                    .isPresent()
                            || !routes.at("direct", use.path()).isEmpty()) {
                        return;
                    }
                    List<String> known =
                            routes.all().stream()
                                    .filter(one -> one.from().scheme().equals("direct"))
                                    .map(one -> one.from().path())
                                    .toList();
                    findings.error(
                            route.file().name(),
                            route.isOfTemplate() ? route.place() : use.place(),
                            "no route begins at 'direct:%s'%s"
                                    .formatted(
                                            use.path(),
                                            Nearest.to(use.path(), known)
                                                    .map(
                                                            it ->
                                                                    "; did you mean 'direct:"
                                                                            + it
                                                                            + "'?")
                                                    .orElse("; add one")));
                });
    }

    /** One that is not there is left out without a word, and with it what it was to handle. */
    private void configurations(Source source, Routes routes) {
        for (Yaml definition : routesOf(source)) {
            Yaml.Scalar id = Trees.scalar(definition, "routeConfigurationId");
            if (id != null
                    && !EndpointUse.open(id.text())
                    && !id.text().contains("*")
                    && !routes.configurations().contains(id.text())) {
                findings.error(
                        source.name(),
                        id.place(),
                        "there is no route configuration '%s'%s"
                                .formatted(
                                        id.text(),
                                        Nearest.hint(id.text(), routes.configurations())));
            }
        }
    }

    private static List<Yaml> routesOf(Source source) {
        List<Yaml> definitions = new ArrayList<>();
        if (source.root() instanceof Yaml.Items items) {
            for (Yaml item : items.items()) {
                Yaml route = Trees.at(item, "route");
                if (route != null) {
                    definitions.add(route);
                }
            }
        }
        return definitions;
    }

    /** All words by which an event's integrations can name a destination. */
    private static Set<String> destinations(Routes routes) {
        Set<String> names = new LinkedHashSet<>(List.of("All"));
        for (Route route : routes.all()) {
            if (route.isDestination()) {
                names.add(route.destination());
                EndpointUse.Option more = route.from().options().get("integrations");
                if (more != null) {
                    for (String name : more.value().split(",", -1)) {
                        names.add(name.strip());
                    }
                }
            }
        }
        names.remove("");
        return names;
    }
}
