package dev.caravan.fake;

/** All that a reset forgets. */
record State(RequestLog log, Ledger ledger, Workspace workspace) {

    static State empty(Switches switches) {
        return new State(new RequestLog(), new Ledger(), new Workspace(switches));
    }
}
