package dev.caravan.cli.lint;

import dev.caravan.mapping.Place;
import dev.caravan.mapping.Yaml;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All routes that a start would make: the user's, the shipped ones, and those of templates. */
final class Routes {
    private final List<Route> all = new ArrayList<>();
    private final Map<String, Template> templates = new LinkedHashMap<>();
    private final List<TemplatedRoute> templatedRoutes = new ArrayList<>();
    private final List<String> configurations = new ArrayList<>();
    private final Values settings;

    /**
     * A route.
     *
     * @param id empty if it has none
     * @param from with placeholders filled in
     * @param body has its steps
     * @param values of placeholders in it
     * @param file where to tell what is wrong with it as a whole: for a route of a template, who
     *     uses the template
     */
    record Route(
            String id,
            EndpointUse from,
            Yaml.Members body,
            Values values,
            Source source,
            Source file,
            Place place) {
        boolean isDestination() {
            return from.address().equals("caravan:events");
        }

        boolean isOfTemplate() {
            return !source.equals(file) || !values.own().isEmpty();
        }

        /** How a destination is called, empty if it says none. */
        String destination() {
            EndpointUse.Option option = from.options().get("destination");
            return option == null ? "" : option.value();
        }
    }

    /**
     * A template.
     *
     * @param parameters by name, with their defaults
     */
    record Template(
            String id,
            Map<String, Optional<String>> parameters,
            List<String> needed,
            Yaml.Members definition,
            Source source) {}

    /** A use of a template. */
    record TemplatedRoute(
            String template,
            String routeId,
            Map<String, EndpointUse.Option> parameters,
            Source source,
            Place place) {}

    Routes(List<Source> sources, HomeSettings settings) {
        this.settings = new Values(Map.of(), settings);
        for (Source source : sources) {
            if (source.root() instanceof Yaml.Items items) {
                items.items().forEach(item -> read(item, source));
            }
        }
        templatedRoutes.forEach(this::instance);
    }

    List<Route> all() {
        return all;
    }

    Map<String, Template> templates() {
        return templates;
    }

    List<TemplatedRoute> templatedRoutes() {
        return templatedRoutes;
    }

    /** The ids of route configurations. */
    List<String> configurations() {
        return configurations;
    }

    /** The routes that begin at {@code direct:name}. */
    List<Route> at(String scheme, String name) {
        return all.stream()
                .filter(route -> route.from().scheme().equals(scheme))
                .filter(route -> route.from().path().equals(name))
                .toList();
    }

    private void read(Yaml item, Source source) {
        if (!(item instanceof Yaml.Members members)) {
            return;
        }
        members.members().forEach((key, member) -> read(key, member.value(), source));
    }

    private void read(String key, Yaml value, Source source) {
        switch (key) {
            case "route", "from" -> route(value, settings, source, source, value.place(), "");
            case "routeTemplate" -> template(value, source);
            case "templatedRoute" -> templatedRoute(value, source);
            case "routeConfiguration" -> {
                Yaml.Scalar id = Trees.scalar(value, "id");
                if (id != null) {
                    configurations.add(id.text());
                }
            }
            default -> {}
        }
    }

    /** Of {@code {id, from: {uri, steps}}}, or of what stands under {@code from}. */
    private void route(
            Yaml definition, Values values, Source source, Source file, Place place, String id) {
        Yaml from = Trees.at(definition, "from");
        Yaml body = from == null ? definition : from;
        Yaml.Scalar ownId = Trees.scalar(definition, "id");
        if (body instanceof Yaml.Members members) {
            EndpointUse.of(members, true)
                    .map(use -> use.resolved(values))
                    .ifPresent(
                            use ->
                                    all.add(
                                            new Route(
                                                    ownId == null || !id.isEmpty()
                                                            ? id
                                                            : values.resolve(ownId.text()),
                                                    use,
                                                    members,
                                                    values,
                                                    source,
                                                    file,
                                                    place)));
        }
    }

    private void template(Yaml value, Source source) {
        Yaml.Scalar id = Trees.scalar(value, "id");
        if (id == null || !(value instanceof Yaml.Members definition)) {
            return;
        }
        Map<String, Optional<String>> parameters = new LinkedHashMap<>();
        List<String> needed = new ArrayList<>();
        if (definition.get("parameters") instanceof Yaml.Items list) {
            for (Yaml one : list.items()) {
                Yaml.Scalar name = Trees.scalar(one, "name");
                Yaml.Scalar fallback = Trees.scalar(one, "defaultValue");
                Yaml.Scalar required = Trees.scalar(one, "required");
                if (name != null) {
                    parameters.put(
                            name.text(), Optional.ofNullable(fallback).map(Yaml.Scalar::text));
                    if (fallback == null && (required == null || required.text().equals("true"))) {
                        needed.add(name.text());
                    }
                }
            }
        }
        templates.put(id.text(), new Template(id.text(), parameters, needed, definition, source));
    }

    private void templatedRoute(Yaml value, Source source) {
        Yaml.Scalar template = Trees.scalar(value, "routeTemplateRef");
        if (template == null) {
            return;
        }
        Yaml.Scalar id = Trees.scalar(value, "routeId");
        Map<String, EndpointUse.Option> parameters = new LinkedHashMap<>();
        if (Trees.at(value, "parameters") instanceof Yaml.Items list) {
            for (Yaml one : list.items()) {
                Yaml.Scalar name = Trees.scalar(one, "name");
                Yaml.Scalar given = Trees.scalar(one, "value");
                if (name != null && given != null) {
                    parameters.put(name.text(), new EndpointUse.Option(given.text(), one.place()));
                }
            }
        }
        templatedRoutes.add(
                new TemplatedRoute(
                        template.text(),
                        id == null ? "" : id.text(),
                        parameters,
                        source,
                        template.place()));
    }

    private void instance(TemplatedRoute use) {
        Template template = templates.get(use.template());
        if (template == null) {
            return;
        }
        Map<String, String> values = new LinkedHashMap<>();
        template.parameters().forEach((name, value) -> value.ifPresent(v -> values.put(name, v)));
        use.parameters().forEach((name, option) -> values.put(name, option.value()));
        Yaml route = template.definition().get("route");
        route(
                route == null ? template.definition() : route,
                settings.with(values),
                template.source(),
                use.source(),
                use.place(),
                use.routeId());
    }
}
