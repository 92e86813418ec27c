package dev.caravan.ingest;

import dev.caravan.journal.Appended;
import dev.caravan.journal.Journal;
import dev.caravan.journal.Submission;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

/** A real journal whose appends a test may delay or break. */
final class LooseJournal {
    private final Journal real;
    private volatile BiFunction<Journal, Submission, CompletableFuture<Appended>> append =
            Journal::append;

    LooseJournal(Journal real) {
        this.real = real;
    }

    /** What an append does from now on. */
    void onAppend(BiFunction<Journal, Submission, CompletableFuture<Appended>> behaviour) {
        append = behaviour;
    }

    Journal journal() {
        return (Journal)
                Proxy.newProxyInstance(
                        Journal.class.getClassLoader(),
                        new Class<?>[] {Journal.class},
                        (proxy, method, arguments) -> {
                            if (method.getName().equals("append")) {
                                return append.apply(real, (Submission) arguments[0]);
                            }
                            try {
                                return method.invoke(real, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }
}
