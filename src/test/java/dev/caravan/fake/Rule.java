package dev.caravan.fake;

/**
 * A standing order of the script.
 *
 * @param times how many requests it is for; 0 for all
 */
public record Rule(Match match, Behaviour behaviour, int times) {
    public Rule {
        match = match == null ? Match.any() : match;
        behaviour = behaviour == null ? Behaviour.normal() : behaviour;
    }
}
