package dev.caravan.crash;

import dev.caravan.crash.RaceDestination.Arrival;
import dev.caravan.crash.RacePerson.Fate;
import dev.caravan.crash.RaceStep.Door;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Holds what the destinations got against what the persons did. Each rule finds sentences, one for
 * each event that breaks it.
 */
final class RaceCheck {
    /**
     * From the start of an attempt in the product to its arrival here, at the most: connecting and
     * a busy machine lie between. An attempt that started before the acknowledgement may end.
     */
    static final Duration ON_THE_WIRE = Duration.ofMillis(250);

    private final List<RacePerson> persons;
    private final List<RaceDestination> destinations;
    private final Map<String, String> found = new LinkedHashMap<>();
    private final Map<String, List<Arrival>> arrivals = new HashMap<>();

    RaceCheck(List<RacePerson> persons, List<RaceDestination> destinations) {
        this.persons = persons;
        this.destinations = destinations;
        destinations.forEach(
                destination -> arrivals.put(destination.name(), destination.arrivals()));
    }

    /** All that the rules found so far, in the order of the rules, then of arrival. */
    List<String> found() {
        return List.copyOf(found.values());
    }

    /** Says it once of each event and destination, however often it was sent. */
    private void found(RaceDestination destination, String subject, String sentence) {
        found.putIfAbsent(
                destination.name() + subject, "%s: %s".formatted(destination.name(), sentence));
    }

    /** No attempt that began after an acknowledgement holds anything from before the deletion. */
    RaceCheck nothingFromBeforeADeletion() {
        for (RaceDestination destination : destinations) {
            for (Arrival arrival : arrivals.get(destination.name())) {
                if (arrival.step() >= 0) {
                    checkAgainstDeletions(destination, arrival);
                }
            }
        }
        return this;
    }

    private void checkAgainstDeletions(RaceDestination destination, Arrival arrival) {
        RacePerson person = persons.get(arrival.person());
        if (arrival.generation() >= person.deletions().size()) {
            return;
        }
        RaceDeletion deletion = person.deletions().get(arrival.generation());
        RaceStep step = person.steps().get(arrival.step());
        long late = arrival.beginNanos() - deletion.acknowledgedNanos();
        if (step.door() == Door.LATE || late > ON_THE_WIRE.toNanos()) {
            found(
                    destination,
                    "before " + step.messageId(),
                    "request %d began %d ms after the acknowledgement of %s (by '%s') and holds %s from before it"
                            .formatted(
                                    arrival.request(),
                                    late / 1_000_000,
                                    deletion.messageId(),
                                    deletion.name(),
                                    shown(step)));
        }
    }

    /** Each deletion came to each destination that can erase. */
    RaceCheck allDeletionsArrived() {
        for (RaceDestination destination : destinations) {
            for (RacePerson person : persons) {
                for (RaceDeletion deletion : person.deletions()) {
                    if (destination.erases() && taken(destination, deletion) == null) {
                        found(
                                destination,
                                deletion.messageId(),
                                "%s (by '%s') did not arrive"
                                        .formatted(deletion.messageId(), deletion.name()));
                    }
                }
            }
        }
        return this;
    }

    private Arrival taken(RaceDestination destination, RaceDeletion deletion) {
        return arrivals.get(destination.name()).stream()
                .filter(arrival -> arrival.person() == deletion.person() && arrival.taken())
                .filter(arrival -> arrival.deletion() == deletion.number())
                .findFirst()
                .orElse(null);
    }

    /** What no deletion is about came: all of other persons, and what followed the last one. */
    RaceCheck nothingElseIsMissing() {
        for (RaceDestination destination : destinations) {
            for (RacePerson person : persons) {
                Map<Integer, Arrival> first = firstTaken(destination, person);
                for (RaceStep step : person.steps()) {
                    boolean owed = step.generation() == person.deletions().size();
                    if (owed && !first.containsKey(step.number())) {
                        found(
                                destination,
                                "missing " + step.messageId(),
                                shown(step) + " is missing");
                    }
                }
            }
        }
        return this;
    }

    /** The events of each person who was never deleted came in order. */
    RaceCheck othersAreInOrder() {
        for (RaceDestination destination : destinations) {
            for (RacePerson person : persons) {
                if (person.fate() == Fate.STAYS) {
                    checkOrder(destination, person);
                }
            }
        }
        return this;
    }

    private void checkOrder(RaceDestination destination, RacePerson person) {
        Map<Integer, Arrival> first = firstTaken(destination, person);
        List<Integer> order = new ArrayList<>(first.keySet());
        Map<Integer, Integer> place = new HashMap<>();
        for (RaceStep step : person.steps()) {
            if (first.containsKey(step.number())) {
                place.put(step.number(), order.indexOf(step.number()));
            }
        }
        List<RaceStep> ordered =
                person.steps().stream()
                        .filter(step -> step.door() == Door.HTTP && !step.doubted())
                        .filter(step -> place.containsKey(step.number()))
                        .toList();
        for (RaceStep step : ordered) {
            for (RaceStep older : ordered) {
                if (older.number() < step.number()
                        && step.isOrderedAfter(older)
                        && place.get(older.number()) > place.get(step.number())) {
                    found(
                            destination,
                            "order " + step.messageId(),
                            "%s came before %s".formatted(shown(step), shown(older)));
                }
            }
        }
    }

    /**
     * What followed a deletion, under an identifier that it covers, waited until the destination
     * had taken it.
     */
    RaceCheck returnsWaitForTheDeletion() {
        for (RaceDestination destination : destinations) {
            for (Arrival arrival : arrivals.get(destination.name())) {
                if (destination.erases() && arrival.step() >= 0 && arrival.generation() > 0) {
                    checkWaited(destination, arrival);
                }
            }
        }
        return this;
    }

    private void checkWaited(RaceDestination destination, Arrival arrival) {
        RacePerson person = persons.get(arrival.person());
        RaceDeletion deletion = person.deletions().get(arrival.generation() - 1);
        RaceStep step = person.steps().get(arrival.step());
        if (person.mayBeReplayed() || !deletion.names().contains(step.name())) {
            return;
        }
        Arrival erased = taken(destination, deletion);
        if (erased != null && erased.beginNanos() > arrival.beginNanos()) {
            found(
                    destination,
                    "return " + arrival.person() + "-" + arrival.step(),
                    "%s came %d ms before %s, which it follows"
                            .formatted(
                                    shown(step),
                                    (erased.beginNanos() - arrival.beginNanos()) / 1_000_000,
                                    deletion.messageId()));
        }
    }

    /**
     * Whoever left is not at Customer.io any longer, under none of their ids: neither made anew by
     * a call that came too late, nor left there as a second person, made by a call under an e-mail
     * or an older id.
     */
    RaceCheck whoLeftIsGone(RaceDestination customerIo) {
        for (RacePerson person : persons) {
            if (person.fate() == Fate.LEAVES) {
                for (RaceDeletion deletion : person.deletions()) {
                    deletion.names().forEach(name -> checkGone(customerIo, person, name));
                }
            }
        }
        return this;
    }

    private void checkGone(RaceDestination customerIo, RacePerson person, String name) {
        if (customerIo.fake().person(name).isPresent()) {
            found(
                    customerIo,
                    "person " + name,
                    "person %d is still there as '%s'".formatted(person.number(), name));
        }
    }

    /** By the numbers of the steps, in the order in which they were taken first. */
    private Map<Integer, Arrival> firstTaken(RaceDestination destination, RacePerson person) {
        Map<Integer, Arrival> first = new LinkedHashMap<>();
        for (Arrival arrival : arrivals.get(destination.name())) {
            if (arrival.person() == person.number() && arrival.step() >= 0 && arrival.taken()) {
                first.putIfAbsent(arrival.step(), arrival);
            }
        }
        return first;
    }

    private static String shown(RaceStep step) {
        return "%s (%s, by '%s', generation %d)"
                .formatted(step.messageId(), step.door(), step.name(), step.generation());
    }
}
