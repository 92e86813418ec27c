package dev.caravan.journal;

import static dev.caravan.event.Events.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.caravan.event.Event;
import dev.caravan.event.Events;
import dev.caravan.event.Meaning;
import dev.caravan.event.MessageIds;
import dev.caravan.event.Origin;
import dev.caravan.event.PersonKey;
import dev.caravan.event.Reading;
import dev.caravan.event.Source;
import dev.caravan.journal.Settlement.Receipt.State;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Who is erased and who is not. */
class ErasureTest {
    @TempDir Path directory;
    private SqliteJournal journal;

    @BeforeEach
    void open() {
        journal =
                SqliteJournal.openStill(
                        JournalSettings.in(directory), InstantSource.fixed(NOW), 256);
    }

    @AfterEach
    void close() {
        journal.close();
    }

    /**
     * Stories of words. {@code u1:a} is user u1 at device a, {@code :a} a visitor there, {@code u1}
     * the user alone; {@code id} identifies, {@code mail=x} does so with this e-mail; {@code u2<u1}
     * is an alias; {@code del}, {@code sup}, {@code unsup} erase. Behind an {@code @} stands the
     * second at which it happened, else it is that of its place. What is in brackets is to be
     * erased, all else must pass.
     */
    static Stream<Arguments> stories() {
        return Stream.of(
                arguments("the person, and nobody else", "[u1] u2 u1.del u2 u1"),
                arguments("a person who comes back", "[u1] u1.del u1 u1.id"),
                arguments("each deletion what came before it", "[u1] u1.del [u1] u1.del u1"),
                arguments("what happened before and comes later", "u1.del@9 [u1@8] u1@9 u1@10"),
                arguments("what a slow deletion asked for", "[u1@3] [u1@7] u1.del@5 [u1@4] u1@6"),
                arguments("what claims to be of the future", "[u1@99] u1.del u1@99"),
                arguments("a visitor who became known", "[:a] [u1:a.id] [:a] u1.del :a"),
                arguments("a visitor of whom nothing is known", ":a [u1] u1.del :a"),
                arguments("the first of two on a device", "[:a] [u1:a.id] [:a] u2:a.id :a u1.del"),
                arguments(
                        "the second of two on a device", ":a u1:a.id :a [u2:a.id] [:a] u2.del :a"),
                arguments(
                        "one who came, went and came again",
                        "[u1:a.id] [:a] u2:a.id :a [u1:a.id] [:a] u1.del"),
                arguments(
                        "a late visit by the time it happened",
                        "[u1:a.id@1] u2:a.id@5 u1.del@9 [:a@3] :a@7"),
                arguments(
                        "one who was deleted and came back, whatever comes late",
                        "[u1:a.id] u1.del [u1:a.id] [:a] [u1:a.id@0] u1.del :a"),
                arguments("a user with a device of another", "[u1:a.id] u2:a [u1] u1.del"),
                arguments("an alias, by its survivor", "[u1] [u2<u1] [u2] u2.del u1 u2"),
                arguments("an alias, by the id that it replaced", "[u1] [u2<u1] [u2] u1.del"),
                arguments("a chain of them", "[u1] [u2<u1] [u3<u2] [u1] u4 u2.del u3"),
                arguments("an alias only from then on", "[u1] u1.del u2<u1 u2"),
                arguments("a visitor by alias", "[:a] [u1<a] [:a] u1.del"),
                arguments("devices of an alias", "[u1:a.id] [u2<u1] [:a] u2.del"),
                arguments("an alias that comes late", "[u2@3] u2.del@9 [u2<u1@4] [u1@3] u1@10"),
                arguments("a device that comes late", "[:a@2] u1.del@9 [u1:a.id@4] [:a@5] :a@12"),
                arguments(
                        "an e-mail by its user",
                        "[u1.mail=x@y] [.mail=x@y] [X@y] u1.del .mail=x@y"),
                arguments("a user by the e-mail", "[u1.mail=x@y] [u1] [x@y] x@y.del u1"),
                arguments("an e-mail that nobody has", "[x@y] [.mail=x@y] u1 x@y.del"),
                arguments(
                        "an e-mail of two users takes neither along",
                        "[u1.mail=x@y] u2.mail=x@y .mail=x@y x@y u1.del u2"),
                arguments(
                        "who changes e-mail, with what came under either",
                        "[u1.mail=x@y] [.mail=x@y] [u1.mail=z@y] [.mail=z@y] u1.del"),
                arguments(
                        "an e-mail taken over by another, who stays",
                        "[u1.mail=x@y] [.mail=x@y] [u1.mail=z@y] u2.mail=x@y .mail=x@y u1.del"),
                arguments(
                        "a visitor who gives the e-mail",
                        "[u1.mail=x@y] [:a.mail=x@y] u1.del :a.mail=x@y"),
                arguments(
                        "a visitor who is known by the e-mail alone",
                        "[:a] [:a.mail=X@y] [:a] :b.mail=z@y :b x@y.del .mail=x@y :a"),
                arguments(
                        "until somebody else gives another one there",
                        "[:a.mail=x@y] [:a] :a.mail=z@y :a x@y.del"),
                arguments("or identifies there as a user", "[:a.mail=x@y] [:a] u1:a.id :a x@y.del"),
                arguments("behind whom it may be", "u1:a.id :a [:a.mail=x@y] [:a] x@y.del"),
                arguments(
                        "and who is not taken for the one with the e-mail",
                        ":a.mail=x@y :a [u1:a.id] [:a] u1.del"),
                arguments(
                        "but who may have it",
                        "[:a] [:a.mail=x@y] [:a] [u1.mail=x@y] u2:a.id :a u1.del"),
                arguments(
                        "for as long as they do",
                        "[u1.mail=x@y] [:a.mail=x@y] [:a] [u1.mail=z@y] u2.mail=x@y :b.mail=x@y :b u1.del"),
                arguments("or not", "[u1.mail=x@y] u2.mail=x@y :a.mail=x@y :a u1.del"),
                arguments(
                        "with the e-mail that was an id",
                        "[:a.mail=x@y] [:a] [x@y:b.id] [:b] u1:b.id x@y.del"),
                arguments(
                        "a visitor whose e-mail comes late",
                        "[:a@2] x@y.del@9 [:a.mail=x@y@4] [:a@5] :a@12"),
                arguments(
                        "before whom somebody else comes late",
                        "[:a.mail=x@y@5] [:a@6] x@y.del@9 u2:a.id@2 :a@3 [:a@7]"),
                arguments(
                        "and who was somebody else before and after",
                        "u1:a.id@2 u2:a.id@7 x@y.del@9 [:a.mail=x@y@4] [:a@5] :a@3 :a@8"),
                arguments(
                        "whose e-mail is known late to be the user's",
                        "[:a.mail=x@y@2] [:a@3] u1.del@9 [u1.mail=x@y@4] [:a@5] :a@12"),
                arguments(
                        "not one who comes late with another e-mail",
                        "[u1:a.id@3] u1.del@9 :a.mail=z@y@5 [:a@4] :a@6"),
                arguments(
                        "a visitor who gives the e-mail of somebody suppressed",
                        "[u1.mail=x@y] u1.sup [:a.mail=x@y] [:a] :a.mail=z@y :a"),
                arguments(
                        "a suppression by the e-mail",
                        "[:a.mail=x@y] [:a] x@y.sup [:a] [:b.mail=x@y] [:b] u1:a.id :a x@y.unsup :b"),
                arguments("a former e-mail is nobody", "u1.mail=x@y u1.mail=z@y u1 x@y.del"),
                arguments(
                        "nobody, but who came under it since",
                        "u1.mail=x@y u1 u1.mail=z@y [.mail=x@y] x@y.del u1"),
                arguments(
                        "who has an e-mail, with what was nobody's under it",
                        "u1.mail=x@y u1.mail=z@y [.mail=x@y] [u2.mail=x@y] [.mail=x@y] x@y.del"),
                arguments(
                        "a device of the e-mail as an id",
                        "[u1.mail=x@y] [x@y:a.id] [:a] u1.del :a"),
                arguments(
                        "one that comes late", "[u1.mail=x@y] u1.del@9 [x@y:a.id@5] [:a@6] :a@10"),
                arguments(
                        "one of the time in which the e-mail was theirs",
                        "u2.mail=x@y x@y:a.id :a u2.mail=w@y [u1.mail=x@y] [x@y:b.id] [:b] u1.del"),
                arguments(
                        "one of the time before they had another",
                        "[u1.mail=x@y] [x@y:a.id] [:a] [u1.mail=z@y] [:a] u1.del"),
                arguments(
                        "one who comes late for the time before had the device until then",
                        "[u1:a.id@5] [:a@6] u1.del@9 u2:a.id@2 :a@3 [:a@7]"),
                arguments("and so if both come late", "u1.del@9 [u1:a.id@5] u2:a.id@2 :a@3 [:a@7]"),
                arguments(
                        "and while a suppression lasts",
                        "[u1:a.id@5] u1.sup@9 u2:a.id@2 :a@3 [:a@11]"),
                arguments(
                        "or came twice",
                        "[u1:a.id@4] u3:a.id@5 :a@5 [u1:a.id@6] u1.del@9 u2:a.id@2 :a@3 [:a@4] [:a@7]"),
                arguments(
                        "one who came twice, whoever comes late in between",
                        "[u1:a.id@4] [u1:a.id@6] u3:a.id@5 [:a@7] u1.del@9 u2"),
                arguments(
                        "and who gave an e-mail twice",
                        "[u1.mail=x@y@3] [u1.mail=x@y@6] [u1.mail=z@y@5] [.mail=x@y@7] u1.del@9 u2"),
                arguments(
                        "or is deleted before somebody comes late",
                        "u4 [u1:a.id@4] [u1:a.id@6] u1.del@9 u2:a.id@5 :a@5 [:a@7] u3"),
                arguments(
                        "nobody by a device of afterwards, whatever comes late",
                        ":b@3 u1.del@9 u1:b.id@12 [u1:a.id@4]"),
                arguments(
                        "nor by an e-mail of afterwards",
                        ".mail=x@y@3 u1.del@9 u1.mail=x@y@12 [u1:a.id@4]"),
                arguments(
                        "nor by a device that the e-mail claimed afterwards",
                        ":b@3 u1.del@9 :b.mail=x@y@12 [u1.mail=x@y@4]"),
                arguments("a cio_ id of the traits", "[u1.cio=77] [cio_77] cio_78 u1.del"),
                arguments(
                        "no cio_ id of two users, nor either of them",
                        "[u1.cio=77] u2.cio=77 u2 cio_77 u1.del"),
                arguments(
                        "and nobody else by that id",
                        "u1.cio=77 u2.cio=77 [cio_77] cio_77.del u1 u2"),
                arguments(
                        "the cio_ id of two who are one",
                        "[u1.cio=77] [u2.cio=77] [u2<u1] [cio_77] u1.del"),
                arguments("somebody by the cio_ id", "[u1.cio=77] [u1] cio_77.del u1"),
                arguments(
                        "a suppressed cio_ id, whoever says it to be theirs",
                        "cio_77.sup u2.cio=77 [cio_77]"),
                arguments(
                        "and a deleted one, though it is said late",
                        "[cio_77@3] cio_77.del@9 u2.cio=77@2"),
                arguments(
                        "a cio_ id that comes late",
                        "cio_78@3 u2.cio=78 u1.del@9 [u1.cio=77@4] [u1.cio=78@4] [cio_77@3]"),
                arguments(
                        "nobody whom an alias joins to somebody suppressed",
                        "[u1] u1.sup u2 [u2<u1] u2 [u1<u3] u3 u2.unsup [u1]"),
                arguments("but whom a late one does", "[u1@3] [u2@3] u1.sup@9 [u2<u1@4] [u2]"),
                arguments(
                        "nobody by an alias of afterwards, whatever comes late",
                        "u1.del@9 u2@3 u2<u1@10 [u1:b.id@5] u2@4 [:b@6]"),
                arguments(
                        "nobody by an alias of a device that was another's",
                        "[u1:a.id@3] u1.del@9 u2@4 [u2<a@4] u2@5"),
                arguments("whoever is suppressed, from then on", "[u1] u1.sup [u1] [u1.id] u2"),
                arguments("until that ends", "[u1] u1.sup [u1] u1.unsup u1"),
                arguments("not by an older unsuppressed", "u1.sup@9 [u1.unsup@5] [u1]"),
                arguments("with the devices that were theirs", "[u1:a.id] u1.sup [:a] u2:a.id :a"),
                arguments(
                        "and come back to, though somebody else says late to have been there",
                        "u1.sup@3 [u1:a.id@4] [u1:a.id@6] [u1:a.id@8] u2:a.id@5 :a@5 [:a@9]"),
                arguments("and those that they come with", "u1.sup [u1:b.id] [:b] u2:b.id :b"),
                arguments(
                        "a suppressed one who is deleted, too",
                        "u1.sup [u1] u1.del [u1] u1.unsup u1"),
                arguments(
                        "a device, and not the person",
                        "u1 [u1.device] u1.nodevice u1.device u2.device"),
                arguments(
                        "a device under the e-mail",
                        "u1.mail=x@y [u1.device] [x@y.device] x@y.nodevice u1 x@y"),
                arguments(
                        "a device under the user id",
                        "u1.mail=x@y [x@y.device] [u1.device] u2.device u1.nodevice x@y"),
                arguments(
                        "a relationship under the e-mail",
                        "u1.mail=x@y [u1.group] [x@y.group] u2.group x@y.nogroup"),
                arguments("an object", "u1 [u1.group] [u2.group] .noobject u1.group u1"),
                arguments("a relationship", "[u1.group] u2.group u1.nogroup u1.group"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("stories")
    void erases(String whom, String story) {
        // When
        tell(story);
        // Then
        assertThat(told(story)).isEqualTo(story);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("stories")
    void knowsTheSameAfterARestart(String whom, String story) {
        // Given
        String[] words = story.split(" ");
        int half = words.length / 2;
        tell(String.join(" ", Arrays.copyOfRange(words, 0, half)));
        journal.close();
        open();
        tell(String.join(" ", Arrays.copyOfRange(words, half, words.length)), half);
        // When
        journal.close();
        open();
        // Then
        assertThat(told(story)).isEqualTo(story);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("stories")
    void knowsTheSameWithinOneTransaction(String whom, String story) {
        // Given
        List<Reading> items = new ArrayList<>();
        String[] words = story.split(" ");
        for (int i = 0; i < words.length; i++) {
            items.add(reading(words[i], i));
        }
        // When
        journal.append(new Submission("shop", NOW.plusSeconds(60), "", items)).join();
        // Then
        assertThat(told(story)).isEqualTo(story);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("stories")
    void takesTheContentOfThoseAndOfNobodyElse(String whom, String story) throws Exception {
        // Given: a destination that has nothing yet, so that no deletion is done
        journal.ledger("crm", true);
        tell(story);
        // When
        scrub();
        // Then
        String[] words = story.split(" ");
        List<Entry> entries = entries();
        for (int i = 0; i < words.length; i++) {
            assertThat(entries.get(i).isErased()).as(words[i]).isEqualTo(words[i].startsWith("["));
        }
        assertThat(told(story)).isEqualTo(story);
    }

    /** It was taken by a version that did not refuse it. */
    @Test
    void passesOverAnEventThatCannotBeRead() throws Exception {
        // Given
        tell("u1");
        journal.append(
                        new Submission(
                                "shop", NOW.plusSeconds(60), "", List.of(unreadable("u9", "u8"))))
                .join();
        tell("u1 u1.del", 2);
        // When
        scrub();
        // Then
        List<Entry> entries = entries();
        assertThat(entries.get(0).isErased()).isTrue();
        assertThat(entries.get(1).isErased()).isFalse();
        assertThat(entries.get(2).isErased()).isTrue();
    }

    private static Reading unreadable(String userId, String previousId) {
        Reading.Accepted good =
                Events.accepted(
                        "{\"type\":\"alias\",\"userId\":\"%s\",\"previousId\":\"%s\",\"messageId\":\"m-2\",\"odd\":9999}"
                                .formatted(userId, previousId));
        Event event = good.event();
        String json =
                new String(event.json(), StandardCharsets.UTF_8).replace("9999", "1e99999999999");
        return new Reading.Accepted(
                new Event(
                        event.call(),
                        event.meaning(),
                        event.name(),
                        event.userId(),
                        event.anonymousId(),
                        event.messageId(),
                        event.occurredAt(),
                        event.selective(),
                        json.getBytes(StandardCharsets.UTF_8)),
                good.person(),
                good.joins(),
                good.fingerprint());
    }

    private void scrub() throws Exception {
        do {
            journal.scrubber().step();
        } while (!journal.scrubber().pass().done());
    }

    /** A commit may be on disk and be reported as failed. */
    @Test
    void beginsAPassWhoseBeginningIsOnDiskAlready() throws Exception {
        // Given
        tell("u1 u1.del");
        try (var connection =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + directory.resolve("journal.db"));
                var statement = connection.createStatement()) {
            statement.execute(
                    "INSERT INTO scrub(id, through, stage, place, remaining) VALUES (1, 1, 0, 0, 0)");
        }
        // When
        scrub();
        // Then
        assertThat(journal.scrubber().pass().id()).isEqualTo(1);
        assertThat(journal.scrubber().pass().through()).isEqualTo(2);
        assertThat(entries().get(0).isErased()).isTrue();
    }

    /** Who waits for the writer goes on without it some day, and tries again. */
    @Test
    void countsWhatItRemovesOnceThoughAWriteComesLate() throws Exception {
        // Given
        tell(manyTimes("u1", 8) + " u1.del");
        journal.scrubber().step(); // begins, and goes through the first rows
        var busy = new CountDownLatch(1);
        var free = new CountDownLatch(1);
        journal.onAppend(() -> wait(busy, free));
        var appended = journal.append(new Submission("shop", NOW, "", List.of(reading("u2", 9))));
        assertThat(busy.await(5, TimeUnit.SECONDS)).isTrue();
        // When
        Thread first = waiting(() -> journal.scrubber().step());
        first.interrupt();
        first.join();
        Thread again = waiting(() -> journal.scrubber().step());
        free.countDown();
        again.join();
        appended.join();
        scrub();
        // Then
        assertThat(journal.erasures().get(9).orElseThrow().copies().events()).isEqualTo(8);
        assertThat(entries().stream().filter(Entry::isErased)).hasSize(8);
    }

    private static void wait(CountDownLatch busy, CountDownLatch free) {
        busy.countDown();
        try {
            assertThat(free.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Does it on another thread, which waits for the writer when this returns. */
    private static Thread waiting(Callable<?> work) {
        var thread =
                new Thread(
                        () -> {
                            try {
                                work.call();
                            } catch (Exception e) {
                                // interrupted, as asked
                            }
                        });
        thread.start();
        await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
        return thread;
    }

    @Test
    void decidesBySequenceWhatHappenedInTheSameMillisecond() {
        // When
        tell("u1@5 u1.del@5 u1@5");
        // Then
        assertThat(told("u1@5 u1.del@5 u1@5")).isEqualTo("[u1@5] u1.del@5 u1@5");
    }

    @Test
    void takesNobodyAlongWhoseIdAPublicSourceJoins() {
        // Given
        tell("u2@3 u3@3 u1.del@9");
        // When
        String timed = ",\"timestamp\":\"" + NOW.plusSeconds(4) + "\"";
        String alias =
                "{\"type\":\"alias\",\"userId\":\"%s\",\"previousId\":\"%s\",\"messageId\":\"to-%1$s\""
                        + timed
                        + "}";
        Source site = new Source("site", false);
        List<Reading> items =
                List.of(
                        read(alias.formatted("u2", "u1"), site),
                        read(alias.formatted("u1", "u3"), site),
                        read(
                                "{\"type\":\"identify\",\"userId\":\"u1\",\"messageId\":\"cio\",\"traits\":{\"cio_id\":\"7\"}"
                                        + timed
                                        + "}",
                                site));
        journal.append(new Submission("site", NOW.plusSeconds(60), "", items)).join();
        tell("u2@5 u3@5 cio_7@5", 3);
        // Then
        assertThat(all())
                .extracting(entry -> journal.erasures().reaching(entry).isPresent())
                .containsExactly(false, false, false, true, true, true, false, false, false);
    }

    @Test
    void setsAnEmailOfSeveralUsersAsideAndNamesThemByHash() {
        // Given
        tell("u1.mail=x@y u2.mail=x@y");
        // When
        tell("x@y.del", 2);
        // Then
        assertThat(all()).hasSize(2);
        assertThat(journal.erasures().list(Erasures.Filter.ALL, 0, 10)).isEmpty();
        DeadLetter letter = journal.deadLetters().list(DeadLetters.Filter.ALL, 0, 10).get(0);
        assertThat(letter.rule()).isEqualTo("AMBIGUOUS");
        assertThat(letter.reason())
                .contains(journal.erasures().nameOf(PersonKey.user("u1")))
                .contains(journal.erasures().nameOf(PersonKey.user("u2")))
                .doesNotContain("u1")
                .doesNotContain("x@y");
    }

    @Test
    void namesNobodyOfAnEmailThatAHundredUsersHave() {
        // Given
        tell(manyTimes("u%d.mail=none@none", 101));
        // When
        tell("none@none.del u7.del", 101);
        // Then
        DeadLetter letter = journal.deadLetters().list(DeadLetters.Filter.ALL, 0, 10).get(0);
        assertThat(letter.rule()).isEqualTo("AMBIGUOUS");
        assertThat(letter.reason())
                .isEqualTo("more than 100 users claimed the e-mail; send the user id");
        assertThat(journal.erasures().list(Erasures.Filter.ALL, 0, 10)).hasSize(1);
    }

    @Test
    void namesTenOfThoseWhoHaveAnEmail() {
        // Given
        tell(manyTimes("u%d.mail=none@none", 12));
        // When
        tell("none@none.del", 12);
        // Then
        assertThat(journal.deadLetters().list(DeadLetters.Filter.ALL, 0, 10).get(0).reason())
                .contains("fits 12 users", " and others")
                .satisfies(reason -> assertThat(reason.split("u:")).hasSize(11));
    }

    @Test
    void aDeviceOfAHundredUsersIsNobodys() {
        // Given
        tell(manyTimes("u%d:kiosk.id", 101));
        // When
        tell(":kiosk u100.del", 101);
        // Then
        assertThat(journal.erasures().reaching(entries().get(100))).isPresent();
        assertThat(journal.erasures().reaching(entries().get(101))).isEmpty();
    }

    @Test
    void anEmailOfAThousandVisitorsIsNoneOfThem() {
        // Given
        List<Reading> items = new ArrayList<>();
        for (int i = 0; i <= 1000; i++) {
            items.add(reading(":v%d.mail=none@none".formatted(i), i));
        }
        journal.append(new Submission("shop", NOW.plusSeconds(2000), "", items)).join();
        // When
        tell(":v7 none@none.del", 1001);
        // Then
        Entry visit = journal.read(1001, 1002, 1, Long.MAX_VALUE, person -> true).entries().get(0);
        assertThat(journal.erasures().reaching(visit)).isEmpty();
        assertThat(journal.erasures().get(1003).orElseThrow().names()).hasSize(2);
    }

    @Test
    void keepsOnlyTheLatestOfThoseWhoShareADevice() throws Exception {
        // When
        for (int i = 0; i < 12; i++) {
            List<Reading> items = new ArrayList<>();
            for (int j = 0; j < 100; j++) {
                items.add(reading("u%d:kiosk.id".formatted(j % 2), i * 100 + j));
            }
            journal.append(new Submission("shop", NOW.plusSeconds(60), "", items)).join();
        }
        journal.close();
        // Then
        try (var connection =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + directory.resolve("journal.db"));
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT count(*) FROM claim")) {
            assertThat(row.getInt(1)).isEqualTo(1001);
        }
    }

    /** Some keep calling identify for as long as they are logged in. */
    @Test
    void storesNothingMoreOfASuppressedPersonHoweverLongTheyStay() throws Exception {
        // Given
        tell("u1.sup u2:a.id u1:a.mail=x@y u1:a.id");
        scrub();
        long pass = journal.scrubber().pass().id();
        long rows = rows("claim") + rows("erasure_log");
        // When
        for (int i = 4; i < 40; i++) {
            tell(i % 2 == 0 ? "u1:a.id" : "u1:a.mail=x@y", i);
        }
        journal.scrubber().step();
        // Then
        assertThat(rows("claim") + rows("erasure_log")).isEqualTo(rows);
        assertThat(journal.scrubber().pass().id()).isEqualTo(pass);
    }

    private long rows(String table) throws Exception {
        try (var connection =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + directory.resolve("journal.db"));
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT count(*) FROM " + table)) {
            return row.getLong(1);
        }
    }

    @Test
    void letsAnEmailOfTwoUsersWhoAreOneErase() {
        // When
        tell("u1.mail=x@y u2.mail=x@y u2<u1 x@y.del");
        // Then: sent under the e-mail, and each user's id
        assertThat(journal.erasures().list(Erasures.Filter.ALL, 0, 10)).hasSize(3);
    }

    @Test
    void keepsARecordWithHashesThatCanBeLookedUpByHashingAgain() {
        // When
        tell("u1:a.id u1.mail=x@y u1.del@5");
        // Then
        Erasure erasure = journal.erasures().get(3).orElseThrow();
        assertThat(erasure.meaning()).isEqualTo(Meaning.USER_DELETED);
        assertThat(erasure.cutOff()).isEqualTo(NOW.plusSeconds(5));
        assertThat(erasure.acceptedAt()).isEqualTo(NOW.plusSeconds(60));
        assertThat(erasure.source()).isEqualTo("shop");
        assertThat(erasure.messageId()).isEqualTo("m-3");
        assertThat(erasure.names())
                .containsExactlyInAnyOrder(
                        journal.erasures().nameOf(PersonKey.user("u1")),
                        journal.erasures().nameOf(PersonKey.visitor("a")),
                        journal.erasures().nameOf(PersonKey.email("x@y")));
    }

    @Test
    void hashesWithAKeyOfItsOwn(@TempDir Path other) {
        // Given
        String here = journal.erasures().nameOf(PersonKey.user("u1"));
        // When
        String there;
        try (var another =
                SqliteJournal.open(JournalSettings.in(other), InstantSource.fixed(NOW), 256)) {
            there = another.erasures().nameOf(PersonKey.user("u1"));
        }
        // Then
        assertThat(there).isNotEqualTo(here).startsWith("u:");
    }

    @Test
    void hashesAsThePaperOfSipHashDoes() {
        // Given
        byte[] key = new byte[16];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) i;
        }
        // When
        long hash = new ErasureKey(key).hash(0x0706050403020100L);
        // Then
        assertThat(hash).isEqualTo(0x93f5f5799a932462L); // vectors.h, the message of 8 bytes
    }

    @Test
    void keepsTheKeyForItsOwnerAlone() throws Exception {
        assertThat(Files.getPosixFilePermissions(directory.resolve("erasure.key")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void makesANewKeyAsLongAsNobodyWasErased() throws Exception {
        // Given
        tell("u1");
        journal.close();
        Files.delete(directory.resolve("erasure.key"));
        // When
        open();
        // Then
        assertThat(directory.resolve("erasure.key")).exists();
    }

    @Test
    void startsWithNoOtherKeyOnceSomebodyWasErased() throws Exception {
        // Given
        tell("u1.del");
        journal.close();
        Path key = directory.resolve("erasure.key");
        String right = Files.readString(key);
        // Then
        Files.delete(key);
        assertThatThrownBy(this::open)
                .isInstanceOf(JournalUnavailableException.class)
                .hasMessageContaining("erasure.key is missing");
        Files.writeString(key, "0123456789abcdef0123456789abcdef\n");
        assertThatThrownBy(this::open).hasMessageContaining("another key");
        Files.writeString(key, "0123456789abcdef\n");
        assertThatThrownBy(this::open).hasMessageContaining("damaged");
        Files.writeString(key, right);
        open();
        assertThat(told("u1.del")).isEqualTo("u1.del");
    }

    @Test
    void erasesNobodyForADeletionThatWasRefused() {
        // Given
        tell("u1");
        // When: the second has the id of the first, with other content
        journal.append(
                        new Submission(
                                "shop", NOW.plusSeconds(60), "", List.of(reading("u1.del", 0))))
                .join();
        // Then
        assertThat(told("u1")).isEqualTo("u1");
        assertThat(journal.erasures().list(Erasures.Filter.ALL, 0, 10)).isEmpty();
    }

    @Test
    void listsThoseThatWaitWithoutThoseThatAreSettled() {
        // Given
        Ledger crm = journal.ledger("crm", true);
        tell("u1.del u2.del u3.del u4.del");
        // When: the first is held, the second refused, the third done, the last not yet sent
        long held = entries().get(0).person();
        crm.settle(
                        new Settlement(
                                1,
                                Cursors.all(3, new Partitions(64)),
                                List.of(new LedgerState.Held(held, 1, 0)),
                                new LedgerState.Totals(1, 0, 1),
                                List.of(),
                                List.of(),
                                List.of(
                                        new Settlement.Receipt(2, State.REFUSED, 400, 1, "no"),
                                        new Settlement.Receipt(3, State.DONE, 200, 1, ""))))
                .join();
        // Then
        assertThat(ids(State.WAITING, 0)).containsExactly(1L, 4L);
        assertThat(ids(State.WAITING, 1)).containsExactly(4L);
        assertThat(ids(State.REFUSED, 0)).containsExactly(2L);
        assertThat(ids(State.DONE, 0)).containsExactly(3L);
        assertThat(ids(null, 0)).containsExactly(1L, 2L, 3L, 4L);
        Erasures.AtDestination at =
                journal.erasures().summary(Erasures.Filter.ALL).destinations().get(0);
        assertThat(at.states())
                .containsOnly(
                        Map.entry(State.WAITING, 2L),
                        Map.entry(State.REFUSED, 1L),
                        Map.entry(State.DONE, 1L));
    }

    @Test
    void findsErasuresBySourceAndTime() {
        // Given
        tell("u1.del u2");
        // Then
        assertThat(count("shop", null, null)).isEqualTo(1);
        assertThat(count("other", null, null)).isZero();
        Instant accepted = NOW.plusSeconds(60);
        assertThat(count(null, accepted, accepted)).isEqualTo(1);
        assertThat(count(null, accepted.plusMillis(1), null)).isZero();
        assertThat(count(null, null, accepted.minusMillis(1))).isZero();
    }

    private List<Long> ids(State state, long after) {
        return journal.erasures().list(new Erasures.Filter(state, null), after, 10).stream()
                .map(Erasure::id)
                .toList();
    }

    private long count(String source, Instant from, Instant to) {
        return journal.erasures()
                .summary(new Erasures.Filter(null, null, source, from, to))
                .count();
    }

    /** Stories of one deletion, and the ids under which it is sent. */
    static Stream<Arguments> ids() {
        return Stream.of(
                arguments("somebody of one id", "u1 u1:a.id u1.del", "u1"),
                arguments("with an e-mail that never was an id", "u1.mail=x@y u1.del", "u1"),
                arguments("one that stood in for an id", "u1.mail=x@y .mail=X@y u1.del", "u1 x@y"),
                arguments("and for a visitor's", ":a.mail=x@y u1.mail=x@y u1.del", "u1 x@y"),
                arguments("of nobody else", ".mail=x@y x@y.del", "x@y"),
                arguments("an e-mail that was an id before", "x@y u1.mail=x@y u1.del", "u1 x@y"),
                arguments("or behind, however written", "u1.mail=x@y X@y x@Y u1.del", "u1 X@y x@Y"),
                arguments("by the e-mail", "u1.mail=x@y x@y.del", "x@y u1"),
                arguments("by an e-mail that nobody has", "x@y u1.mail=z@y x@y.del", "x@y"),
                arguments(
                        "as it was written each time, and then no more",
                        "x@y .mail=x@y X@y.del X@y.del",
                        "X@y x@y X@y"),
                arguments(
                        "as a user id with a device",
                        "x@y:a.id u1.mail=x@y X@y u1.del",
                        "u1 x@y X@y"),
                arguments("no former e-mail", "x@y u1.mail=x@y u1.mail=z@y u1.del", "u1"),
                arguments("no e-mail of two", "x@y u1.mail=x@y u2.mail=x@y u1.del", "u1"),
                arguments(
                        "no e-mail that is another's by alias",
                        "u1.mail=x@y x@y u9<x@y u1.del",
                        "u1"),
                arguments("an alias, by its survivor", "u1 u2<u1 u2.del", "u2 u1"),
                arguments("an alias, by the id that it replaced", "u2<u1 u1.del", "u1 u2"),
                arguments("a chain of them", "u2<u1 u3<u2 u1.del", "u1 u2 u3"),
                arguments("a suppression", "u2<u1 u2.sup", "u2 u1"),
                arguments("not again once they are gone", "u2<u1 u2.del u2 u2.del", "u2 u1 u2"),
                arguments("but when they came back", "u2<u1 u2.del u2<u1 u2.del", "u2 u1 u2 u1"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ids")
    void isSentUnderEachIdOfThePerson(String which, String story, String ids) {
        // When
        tell(story);
        // Then
        List<Entry> deletions =
                all().stream().filter(entry -> entry.event().meaning().destructive()).toList();
        assertThat(deletions)
                .extracting(entry -> entry.event().userId())
                .containsExactlyInAnyOrder(ids.split(" "));
        assertThat(deletions.get(0).event().messageId()).startsWith("m-");
        assertThat(deletions).extracting(Entry::person).containsOnly(deletions.get(0).person());
        assertThat(journal.erasures().list(Erasures.Filter.ALL, 0, 10))
                .extracting(Erasure::id)
                .containsExactlyElementsOf(deletions.stream().map(Entry::sequence).toList());
    }

    @Test
    void keepsARecordOfEachIdUnderWhichItIsSent() {
        // When
        tell("u2<u1 u2.del@5");
        // Then
        Erasure asked = journal.erasures().get(2).orElseThrow();
        Erasure further = journal.erasures().get(3).orElseThrow();
        assertThat(further.names()).isEqualTo(asked.names());
        assertThat(further.cutOff()).isEqualTo(asked.cutOff());
        assertThat(further.meaning()).isEqualTo(Meaning.USER_DELETED);
        assertThat(new String(all().get(2).event().json(), java.nio.charset.StandardCharsets.UTF_8))
                .startsWith(
                        "{\"type\":\"track\",\"event\":\"User Deleted\",\"userId\":\"u1\",\"messageId\":\"")
                .contains("\"timestamp\":\"" + NOW.plusSeconds(5).toString().replace("Z", ""));
        assertThat(journal.find(further.messageId())).hasSize(1);
    }

    @Test
    void letsTheDeletionWaitForOlderEventsUnderTheEmail() {
        // When
        tell("u1.mail=x@y x@y .mail=x@y u1.del x@y .mail=x@y");
        // Then
        List<Entry> entries = entries();
        Entry erasure = entries.get(3);
        assertThat(erasure.joins()).contains(PersonKey.email("x@y").hash());
        assertThat(entries.get(4).person()).isEqualTo(erasure.person());
        assertThat(entries.get(4).joins()).containsExactly(PersonKey.user("x@y").hash());
        assertThat(entries.get(5).person()).isEqualTo(erasure.person());
    }

    @Test
    void letsWhoeverComesUnderTheEmailWaitForADeletionByIt() {
        // When
        tell("x@y .mail=x@y X@y.del .mail=x@y x@y :a.mail=x@y");
        // Then
        List<Entry> entries = entries();
        long person = entries.get(2).person();
        assertThat(entries.get(2).joins()).contains(PersonKey.email("x@y").hash());
        assertThat(entries.get(3).person()).isEqualTo(person);
        assertThat(entries.get(4).person()).isEqualTo(person);
        assertThat(entries.get(5).joins()).containsExactly(person);
    }

    @Test
    void letsAVisitorWaitForTheDeletionByTheEmailTheyGave() {
        // When
        tell(":a :a.mail=x@y x@y.del :a");
        // Then
        List<Entry> entries = entries();
        assertThat(entries.get(2).joins()).contains(PersonKey.visitor("a").hash());
        assertThat(entries.get(3).person()).isEqualTo(entries.get(2).person());
    }

    @Test
    void letsADeviceWaitForItsDeletionUnderAnotherId() {
        // When
        tell("u1.mail=x@y u1.device x@y.nodevice u1.device x@y.device");
        // Then
        List<Entry> entries = entries();
        assertThat(entries.get(2).joins()).contains(PersonKey.user("u1").hash());
        assertThat(entries.get(3).person()).isEqualTo(entries.get(2).person());
        assertThat(entries.get(4).person()).isEqualTo(entries.get(2).person());
    }

    @Test
    void letsAVisitorWhoGivesTheEmailWaitForTheDeletion() {
        // When
        tell("u1.mail=x@y u1.del :a.mail=x@y .mail=x@y");
        // Then
        List<Entry> entries = entries();
        assertThat(entries.get(2).joins()).containsExactly(entries.get(1).person());
        assertThat(entries.get(3).person()).isEqualTo(entries.get(2).person());
    }

    @Test
    void letsAGroupCallWaitForTheDeletionOfItsObject() {
        // When
        tell("u1.group .noobject u1.group u1");
        // Then
        assertThat(entries().get(2).joins()).containsExactly(entries().get(1).person());
        assertThat(entries().get(3).joins()).isEmpty();
    }

    @Test
    void keepsJoinsOfAnyNumber() {
        // Given
        List<String> story = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            story.add("u%d.mail=x%d@y".formatted(i, i));
        }
        for (int i = 1; i < 40; i++) {
            story.add("u0<u" + i);
        }
        tell(String.join(" ", story));
        // When
        tell("u0.del u1", 79);
        // Then
        Entry erasure = entries().get(79);
        assertThat(erasure.joins()).hasSize(40).doesNotHaveDuplicates();
        assertThat(entries().get(80).event().userId()).isEqualTo("u1");
    }

    // --- helpers

    private static String manyTimes(String word, int times) {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            words.add(word.formatted(i));
        }
        return String.join(" ", words);
    }

    private void tell(String story) {
        tell(story, 0);
    }

    private void tell(String story, int first) {
        int place = first;
        for (String word : story.isEmpty() ? new String[0] : story.split(" ")) {
            Instant now = NOW.plusSeconds(60);
            journal.append(new Submission("shop", now, "", List.of(reading(word, place++)))).join();
        }
    }

    /** The story as it came out: in brackets what the journal calls erased. */
    private String told(String story) {
        List<String> told = new ArrayList<>();
        List<Entry> entries = entries();
        String[] words = story.split(" ");
        assertThat(entries).hasSameSizeAs(words);
        for (int i = 0; i < words.length; i++) {
            String word = words[i].replace("[", "").replace("]", "");
            boolean erased = journal.erasures().reaching(entries.get(i)).isPresent();
            told.add(erased ? "[" + word + "]" : word);
        }
        return String.join(" ", told);
    }

    /** What was told, without the deletions that Caravan adds under further ids. */
    private List<Entry> entries() {
        return all().stream()
                .filter(entry -> entry.isErased() || entry.event().messageId().startsWith("m-"))
                .toList();
    }

    private List<Entry> all() {
        return journal.read(0, journal.end(), 1000, Long.MAX_VALUE, person -> true).entries();
    }

    private Reading reading(String bracketed, int place) {
        String word = bracketed.replace("[", "").replace("]", "");
        int second = place + 1;
        int time = word.lastIndexOf('@');
        if (time > 0 && word.substring(time + 1).matches("\\d+")) {
            second = Integer.parseInt(word.substring(time + 1));
            word = word.substring(0, time);
        }
        String verb = "";
        int dot = word.indexOf('.');
        if (dot >= 0) {
            verb = word.substring(dot + 1);
            word = word.substring(0, dot);
        }
        String ids = ids(word);
        String json =
                "{\"messageId\":\"m-%d\",\"timestamp\":\"%s\"%s%s}"
                        .formatted(place + 1, NOW.plusSeconds(second), ids, call(verb, word));
        return read(json, new Source("shop", true));
    }

    private static Reading read(String json, Source source) {
        Origin origin =
                Origin.of(
                        source,
                        NOW.plusSeconds(60),
                        MessageIds.timeOrdered(InstantSource.fixed(NOW), new Random(1)),
                        NOW);
        return Events.read(json, origin);
    }

    private static String ids(String who) {
        if (who.contains("<")) {
            String[] both = who.split("<");
            return ",\"userId\":\"%s\",\"previousId\":\"%s\"".formatted(both[0], both[1]);
        }
        String[] both = who.split(":", 2);
        String user = both[0].isEmpty() ? "" : ",\"userId\":\"" + both[0] + "\"";
        return both.length == 1 ? user : user + ",\"anonymousId\":\"" + both[1] + "\"";
    }

    private static String call(String verb, String who) {
        if (who.contains("<")) {
            return ",\"type\":\"alias\"";
        } else if (verb.startsWith("mail=")) {
            return ",\"type\":\"identify\",\"traits\":{\"email\":\"" + verb.substring(5) + "\"}";
        } else if (verb.startsWith("cio=")) {
            return ",\"type\":\"identify\",\"traits\":{\"cio_id\":\"" + verb.substring(4) + "\"}";
        }
        String device = ",\"context\":{\"device\":{\"token\":\"t\"}}";
        return switch (verb) {
            case "" -> ",\"type\":\"track\",\"event\":\"Order Completed\"";
            case "id" -> ",\"type\":\"identify\",\"traits\":{\"plan\":\"pro\"}";
            case "del" -> named("User Deleted", "");
            case "sup" -> named("User Suppressed", "");
            case "unsup" -> named("User Unsuppressed", "");
            case "device" -> named("Device Created or Updated", device);
            case "nodevice" -> named("Device Deleted", device);
            case "group" -> ",\"type\":\"group\",\"groupId\":\"g\"";
            case "noobject" -> named("Object Deleted", ",\"properties\":{\"objectId\":\"g\"}");
            case "nogroup" ->
                    named(
                            "Relationship Deleted",
                            ",\"properties\":{\"objectId\":\"g\",\"objectTypeId\":1}");
            default -> throw new IllegalArgumentException(verb);
        };
    }

    private static String named(String event, String more) {
        return ",\"type\":\"track\",\"event\":\"" + event + "\"" + more;
    }
}
