package dev.caravan.fake;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Set;

/** Carries one data request from the wire through script and judge to its end, and logs it. */
final class Conduct {

    private final Script script;
    private final Judge judge;
    private final Switches switches;

    Conduct(Script script, Judge judge, Switches switches) {
        this.script = script;
        this.judge = judge;
        this.switches = switches;
    }

    void handle(WireRequest request, WireConnection connection, State state)
            throws IOException, InterruptedException {
        RequestLog.Entry entry = state.log().begin(request);
        boolean batch = Endpoint.of(request.path()).filter(Endpoint::isBatch).isPresent();
        ParsedBody body = BodyParser.parse(request, batch);
        Behaviour behaviour = script.choose(new RequestFacts(entry.number(), request, body));
        state.log().keep(entry, body.plain(), behaviour, switches.requestLogBytes());
        int status = 0;
        boolean written = false;
        try {
            pause(behaviour.delay());
            WireAnswer answer = process(entry, request, body, behaviour, state);
            pause(behaviour.answerDelay());
            state.log().ending(entry, behaviour.ending());
            switch (behaviour.ending()) {
                case ANSWER -> {
                    status = answer.status();
                    connection.answer(answer);
                    written = true;
                }
                case HALF_ANSWER -> {
                    status = answer.status();
                    connection.answerHalf(answer);
                }
                case HANG -> connection.hang();
                case CLOSE -> connection.close();
                case RESET -> connection.reset();
            }
        } finally {
            state.log().end(entry, status, written);
        }
    }

    private WireAnswer process(
            RequestLog.Entry entry,
            WireRequest request,
            ParsedBody body,
            Behaviour behaviour,
            State state) {
        WireAnswer answer = Verdict.accepted(0).answer();
        if (behaviour.processed()) {
            Set<Integer> refused = Set.copyOf(behaviour.refused());
            Verdict verdict = judge.judge(entry.number(), request, body, refused, state);
            state.log().stored(entry, verdict.storedItems());
            answer = verdict.answer();
        }
        if (behaviour.status() != 0) {
            byte[] forced = behaviour.body().getBytes(StandardCharsets.UTF_8);
            answer = new WireAnswer(behaviour.status(), new LinkedHashMap<>(), forced);
        }
        return answer.with(behaviour.headers());
    }

    private static void pause(Duration wait) throws InterruptedException {
        if (!wait.isZero()) {
            Thread.sleep(wait.toMillis());
        }
    }
}
