package ogive.interop;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.rocketmq.common.message.MessageExt;

/** What consumers got, by the unique id in the message body. Thread safe. */
public final class Received {
    private final Map<String, Integer> counts = new HashMap<>();
    private final List<MessageExt> messages = new ArrayList<>();

    public static String idOf(MessageExt message) {
        return new String(message.getBody(), StandardCharsets.UTF_8);
    }

    public synchronized void add(MessageExt message) {
        counts.merge(idOf(message), 1, Integer::sum);
        messages.add(message);
        notifyAll();
    }

    public synchronized void addAll(Collection<MessageExt> all) {
        for (MessageExt message : all) {
            add(message);
        }
    }

    public synchronized List<MessageExt> messages() {
        return new ArrayList<>(messages);
    }

    public synchronized int distinct() {
        return counts.size();
    }

    /** Waits until every expected id is there, then requires: nothing else, and nothing twice. */
    public void awaitExactly(Collection<String> expected, long timeoutMs) throws InterruptedException {
        awaitAll(expected, timeoutMs);
        synchronized (this) {
            Set<String> extra = new TreeSet<>(counts.keySet());
            extra.removeAll(expected);
            Check.that(extra.isEmpty(), "unexpected messages: " + brief(extra));
            Set<String> twice = new TreeSet<>();
            for (Map.Entry<String, Integer> e : counts.entrySet()) {
                if (e.getValue() != 1) {
                    twice.add(e.getKey() + "x" + e.getValue());
                }
            }
            Check.that(twice.isEmpty(), "delivered more than once: " + brief(twice));
        }
    }

    /** Waits until every expected id is there; more, and repeats, are allowed (at-least-once while queues move between consumers). */
    public synchronized void awaitAll(Collection<String> expected, long timeoutMs) throws InterruptedException {
        long deadline = System.currentTimeMillis() + timeoutMs;
        while (!counts.keySet().containsAll(expected)) {
            long left = deadline - System.currentTimeMillis();
            if (left <= 0) {
                Set<String> missing = new TreeSet<>(new HashSet<>(expected));
                missing.removeAll(counts.keySet());
                throw new AssertionError("after " + timeoutMs + " ms missing " + missing.size() + " of " + expected.size() + ": "
                    + brief(missing));
            }
            wait(left);
        }
    }

    private static String brief(Collection<String> ids) {
        List<String> list = new ArrayList<>(ids);
        return list.size() <= 5 ? list.toString() : list.subList(0, 5) + "... (" + list.size() + ")";
    }
}
