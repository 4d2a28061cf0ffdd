package ogive.interop;

import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** Pull consumers, old and lite. */
@SuppressWarnings("deprecation")
final class PullScenarios {
    private PullScenarios() {
    }

    static void addTo(Map<String, Scenario> all) {
        all.put("pull-statuses", PullScenarios::statuses);
        all.put("pull-tag-filter", PullScenarios::tagFilter);
        all.put("pull-long-poll-woken", PullScenarios::longPoll);
        all.put("pull-offset-store", PullScenarios::offsetStore);
        all.put("lite-pull-subscribe", PullScenarios::liteSubscribe);
        all.put("lite-pull-assign-seek", PullScenarios::liteAssign);
        all.put("lite-pull-commit-resume", PullScenarios::liteCommit);
    }

    /** Reads all queues of a topic from offset 0 to the end with the pull consumer, without committing anything. */
    static Received readAll(Context c, String topic) throws Exception {
        DefaultMQPullConsumer consumer = c.pullConsumer("G_reader_" + c.name);
        Received received = new Received();
        for (MessageQueue mq : consumer.fetchSubscribeMessageQueues(topic)) {
            readQueue(consumer, mq, received);
        }
        return received;
    }

    static void readQueue(DefaultMQPullConsumer consumer, MessageQueue mq, Received into) throws Exception {
        long end = consumer.maxOffset(mq);
        long offset = consumer.minOffset(mq);
        while (offset < end) {
            PullResult result = consumer.pull(mq, "*", offset, 32);
            if (result.getPullStatus() == PullStatus.FOUND) {
                for (MessageExt m : result.getMsgFoundList()) {
                    Check.equal(offset, m.getQueueOffset(), "queue offset in " + mq);
                    offset++;
                    into.add(m);
                }
            }
            Check.equal(offset, result.getNextBeginOffset(), "next offset after a pull of " + mq + " (" + result.getPullStatus() + ")");
        }
    }

    private static MessageQueue onlyQueue(DefaultMQPullConsumer consumer, String topic) throws Exception {
        Set<MessageQueue> queues = consumer.fetchSubscribeMessageQueues(topic);
        Check.equal(1, queues.size(), "queues of " + topic);
        return queues.iterator().next();
    }

    private static void statuses(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 1);
        List<String> ids = Context.sendMany(c.producer(), topic, "A", "m", 50);
        DefaultMQPullConsumer consumer = c.pullConsumer(c.group());
        MessageQueue mq = onlyQueue(consumer, topic);
        Received received = new Received();
        readQueue(consumer, mq, received);
        received.awaitExactly(ids, 0);

        PullResult atEnd = consumer.pull(mq, "*", 50, 32);
        Check.equal(PullStatus.NO_NEW_MSG, atEnd.getPullStatus(), "status at the end");
        Check.equal(50L, atEnd.getNextBeginOffset(), "next offset at the end");
        Check.equal(0L, atEnd.getMinOffset(), "min offset at the end");
        Check.equal(50L, atEnd.getMaxOffset(), "max offset at the end");

        PullResult beyond = consumer.pull(mq, "*", 1000, 32);
        Check.equal(PullStatus.OFFSET_ILLEGAL, beyond.getPullStatus(), "status beyond the end");
        Check.equal(50L, beyond.getNextBeginOffset(), "next offset beyond the end");

        PullResult few = consumer.pull(mq, "*", 10, 3);
        Check.equal(3, few.getMsgFoundList().size(), "messages of a pull of 3");
        Check.equal(13L, few.getNextBeginOffset(), "next offset after a pull of 3");
    }

    private static void tagFilter(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 1);
        DefaultMQProducer producer = c.producer();
        Set<String> wanted = new HashSet<>();
        for (int i = 0; i < 90; i++) {
            String tag = "ABC".substring(i % 3, i % 3 + 1);
            Context.sendOk(producer, Context.message(topic, tag, tag + i));
            if (!tag.equals("C")) {
                wanted.add(tag + i);
            }
        }
        DefaultMQPullConsumer consumer = c.pullConsumer(c.group());
        MessageQueue mq = onlyQueue(consumer, topic);
        Received received = new Received();
        for (long offset = 0; offset < 90;) {
            PullResult result = consumer.pull(mq, "A || B", offset, 32);
            if (result.getPullStatus() == PullStatus.FOUND) {
                received.addAll(result.getMsgFoundList());
            }
            Check.that(result.getNextBeginOffset() > offset, "pull at " + offset + " did not advance: " + result);
            offset = result.getNextBeginOffset();
        }
        received.awaitExactly(wanted, 0);
        PullResult none = consumer.pull(mq, "nothing", 0, 32);
        Check.equal(PullStatus.NO_MATCHED_MSG, none.getPullStatus(), "status with no matching tag");
        Check.that(none.getNextBeginOffset() > 0, "no progress over messages that do not match: " + none);
    }

    /** A pull at the end of the queue is held by the server and answered by the message that arrives, long before its 20 s limit. */
    private static void longPoll(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 1);
        DefaultMQProducer producer = c.producer();
        Context.sendOk(producer, Context.message(topic, "A", "first"));
        DefaultMQPullConsumer consumer = c.pullConsumer(c.group());
        MessageQueue mq = onlyQueue(consumer, topic);
        ExecutorService one = Executors.newSingleThreadExecutor();
        c.onClose(one::shutdownNow);
        for (int i = 0; i < 5; i++) {
            long offset = 1 + i;
            Future<PullResult> held = one.submit((Callable<PullResult>) () -> consumer.pullBlockIfNotFound(mq, "*", offset, 32));
            Thread.sleep(300); // not proof: only makes it likely that the pull is parked before the message comes
            Check.that(!held.isDone(), "pull at the end of the queue was not held");
            long sentAt = System.nanoTime();
            SendResult sent = Context.sendOk(producer, Context.message(topic, "A", "later" + i));
            PullResult result = held.get(30, TimeUnit.SECONDS);
            long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sentAt);
            Check.equal(PullStatus.FOUND, result.getPullStatus(), "status of the held pull");
            Check.equal(sent.getMsgId(), result.getMsgFoundList().get(0).getMsgId(), "message of the held pull");
            Check.that(ms < 10_000, "held pull answered only after " + ms + " ms");
        }
    }

    private static void offsetStore(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 1);
        Context.sendMany(c.producer(), topic, "A", "m", 5);
        DefaultMQPullConsumer first = c.pullConsumer(c.group());
        MessageQueue mq = onlyQueue(first, topic);
        // The server answers 0, not "no offset", for a new group while the queue begins at 0 and that message is in memory.
        Check.equal(0L, first.fetchConsumeOffset(mq, true), "offset of a new group");
        first.updateConsumeOffset(mq, 3);
        DefaultMQPullConsumer second = c.pullConsumer(c.group());
        // Persisting is one-way, and the server drops it silently for a group it does not know yet: the group comes into being with the
        // first heartbeat, which a 4.9 client sends a second after its start. So: persist until it is there.
        Check.await("offset 3 seen by another client", Check.LONG_MS, () -> {
            first.getDefaultMQPullConsumerImpl().getOffsetStore().persistAll(Collections.singleton(mq));
            return second.fetchConsumeOffset(mq, true) == 3;
        });
    }

    private static void pollUntil(DefaultLitePullConsumer consumer, Received received, Collection<String> ids) throws Exception {
        Check.await("all messages polled", Check.LONG_MS, () -> {
            received.addAll(consumer.poll(200));
            return received.distinct() >= ids.size();
        });
        received.addAll(consumer.poll(500));
        received.awaitExactly(ids, 0);
    }

    private static void liteSubscribe(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 4);
        DefaultMQProducer producer = c.producer();
        List<String> ids = Context.sendMany(producer, topic, "A", "a", 40);
        Context.sendMany(producer, topic, "no", "n", 8);
        ids.addAll(Context.sendMany(producer, topic, "B", "b", 40));
        DefaultLitePullConsumer consumer = c.newLitePullConsumer(c.group());
        consumer.subscribe(topic, "A || B");
        c.start(consumer);
        pollUntil(consumer, new Received(), ids);
    }

    private static void liteAssign(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 2);
        DefaultMQProducer producer = c.producer();
        List<String> ids = Context.sendMany(producer, topic, "A", "m", 60);
        DefaultLitePullConsumer consumer = c.newLitePullConsumer(c.group());
        consumer.setAutoCommit(false);
        c.start(consumer);
        Collection<MessageQueue> queues = consumer.fetchMessageQueues(topic);
        Check.equal(2, queues.size(), "queues");
        consumer.assign(queues);
        pollUntil(consumer, new Received(), ids);
        // Only now, with nothing under way: the client hands out a batch twice that its puller was fetching while it seeks.
        for (MessageQueue mq : queues) {
            consumer.seekToBegin(mq);
        }
        pollUntil(consumer, new Received(), ids);

        MessageQueue one = queues.iterator().next();
        consumer.assign(Collections.singleton(one));
        consumer.seek(one, 17);
        Set<Long> offsets = new HashSet<>();
        Check.await("13 messages after seek to 17", Check.LONG_MS, () -> {
            for (MessageExt m : consumer.poll(200)) {
                Check.equal(one.getQueueId(), m.getQueueId(), "queue after seek");
                offsets.add(m.getQueueOffset());
            }
            return offsets.size() >= 13;
        });
        Set<Long> expected = new HashSet<>();
        for (long offset = 17; offset < 30; offset++) {
            expected.add(offset);
        }
        Check.equal(expected, offsets, "offsets after seek to 17");
    }

    private static void liteCommit(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 2);
        DefaultMQProducer producer = c.producer();
        List<String> before = Context.sendMany(producer, topic, "A", "x", 30);
        DefaultLitePullConsumer first = c.newLitePullConsumer(c.group());
        first.setAutoCommit(false);
        first.subscribe(topic, "*");
        c.start(first);
        pollUntil(first, new Received(), before);
        // 4.9 commits what poll handed out in `commitSync`; both versions then send the offsets at once when they persist.
        first.commitSync();
        Set<MessageQueue> queues = new HashSet<>(first.fetchMessageQueues(topic));
        for (MessageQueue mq : queues) {
            Check.await("15 committed in " + mq, Check.LONG_MS, () -> {
                Long committed = first.committed(mq);
                return committed != null && committed == 15L;
            });
        }
        first.shutdown();
        List<String> after = Context.sendMany(producer, topic, "A", "y", 30);
        DefaultLitePullConsumer second = c.newLitePullConsumer(c.group());
        second.subscribe(topic, "*");
        c.start(second);
        pollUntil(second, new Received(), after);
    }
}
