package dev.caravan.fake;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/**
 * What the fake is told to do. A request takes the head of the queue; if that is empty, the first
 * rule that fits and has not worn out; else it is treated normally. Control requests are never
 * scripted. Safe for use by many threads.
 */
public final class Script {

    private final Deque<Behaviour> queue = new ArrayDeque<>();
    private final List<Standing> standing = new ArrayList<>();

    private static final class Standing {
        private final Predicate<RequestFacts> predicate;
        private final Behaviour behaviour;
        private long left;

        private Standing(Predicate<RequestFacts> predicate, Behaviour behaviour, int times) {
            this.predicate = predicate;
            this.behaviour = behaviour;
            this.left = times == 0 ? Long.MAX_VALUE : times;
        }
    }

    /** Adds behaviours for the next requests, one each, in order of arrival. */
    public synchronized Script enqueue(Behaviour... behaviours) {
        queue.addAll(List.of(behaviours));
        return this;
    }

    /** Adds a rule behind those already there. */
    public synchronized Script rule(Rule rule) {
        return rule(rule.match(), rule.behaviour(), rule.times());
    }

    /**
     * Adds a rule with any condition at all.
     *
     * @param when asked once per request while the rule lasts, under the script's lock
     * @param times how many requests it is for; 0 for all
     */
    public synchronized Script rule(Predicate<RequestFacts> when, Behaviour behaviour, int times) {
        standing.add(new Standing(when, behaviour, times));
        return this;
    }

    /** Forgets queue and rules. */
    public synchronized void clear() {
        queue.clear();
        standing.clear();
    }

    synchronized Behaviour choose(RequestFacts request) {
        if (!queue.isEmpty()) {
            return queue.remove();
        }
        for (Standing rule : standing) {
            if (rule.left > 0 && rule.predicate.test(request)) {
                rule.left--;
                return rule.behaviour;
            }
        }
        return Behaviour.normal();
    }
}
