package dev.caravan.ingest;

import dev.caravan.event.Reading;
import dev.caravan.journal.Appended;
import dev.caravan.journal.Journal;
import dev.caravan.journal.Submission;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/** Takes submissions and keeps them, at a pace that the test sets; can do nothing else. */
public final class RecordingJournal {
    private final List<Submission> submissions = new ArrayList<>();
    private UnaryOperator<CompletableFuture<Appended>> pace = UnaryOperator.identity();

    /** Sees each answer before the caller does, and may hold it back or replace it. */
    public synchronized RecordingJournal answering(
            UnaryOperator<CompletableFuture<Appended>> answer) {
        pace = answer;
        return this;
    }

    public Journal journal() {
        return (Journal)
                Proxy.newProxyInstance(
                        Journal.class.getClassLoader(),
                        new Class<?>[] {Journal.class},
                        (proxy, method, arguments) -> {
                            if (method.getName().equals("append")) {
                                return append((Submission) arguments[0]);
                            }
                            if (method.getName().equals("file")) {
                                return Optional.empty();
                            }
                            throw new UnsupportedOperationException(method.getName());
                        });
    }

    private synchronized CompletableFuture<Appended> append(Submission submission) {
        submissions.add(submission);
        List<Appended.SetAside> setAside = new ArrayList<>();
        for (int i = 0; i < submission.items().size(); i++) {
            if (submission.items().get(i) instanceof Reading.SetAside item) {
                setAside.add(new Appended.SetAside(i, item.reason()));
            }
        }
        int accepted = submission.items().size() - setAside.size();
        return pace.apply(CompletableFuture.completedFuture(new Appended(accepted, 0, setAside)));
    }

    public synchronized List<Submission> submissions() {
        return List.copyOf(submissions);
    }

    public synchronized List<Reading> items() {
        return submissions.stream().flatMap(submission -> submission.items().stream()).toList();
    }
}
