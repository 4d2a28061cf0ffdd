package ogive.interop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/** Push consumers: concurrent, orderly, broadcasting, starting points, sharing of queues. */
final class PushScenarios {
    private PushScenarios() {
    }

    static void addTo(Map<String, Scenario> all) {
        all.put("push-concurrent", PushScenarios::concurrent);
        all.put("push-tags", PushScenarios::tags);
        all.put("push-rebalance", PushScenarios::rebalance);
        all.put("push-orderly", PushScenarios::orderly);
        all.put("push-orderly-suspend", PushScenarios::orderlySuspend);
        all.put("push-from-first-offset", PushScenarios::fromFirst);
        all.put("push-from-last-offset", PushScenarios::fromLast);
        all.put("push-broadcast", PushScenarios::broadcast);
        all.put("push-resume-same-group", PushScenarios::resume);
    }

    /** Needs a process of its own: -Drocketmq.client.rebalance.waitInterval beyond the time limits. */
    static void addNotified(Map<String, Scenario> all) {
        all.put("push-rebalance-notified", PushScenarios::rebalance);
    }

    static MessageListenerConcurrently into(Received received) {
        return (messages, context) -> {
            received.addAll(messages);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        };
    }

    static DefaultMQPushConsumer concurrentConsumer(Context c, String group, String topic, String expression, Received received)
        throws Exception {
        DefaultMQPushConsumer consumer = c.newPushConsumer(group);
        consumer.subscribe(topic, expression);
        consumer.registerMessageListener(into(received));
        return consumer;
    }

    private static void concurrent(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 4);
        Received received = new Received();
        DefaultMQPushConsumer consumer = c.start(concurrentConsumer(c, c.group(), topic, "*", received));
        Context.awaitShared(Collections.singleton(consumer), topic, 4);
        List<String> ids = Context.sendMany(c.producer(), topic, "A", "m", 300);
        received.awaitExactly(ids, Check.LONG_MS);
    }

    private static void tags(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 2);
        Received some = new Received();
        Received all = new Received();
        DefaultMQPushConsumer first = c.start(concurrentConsumer(c, c.group() + "_some", topic, "A || B", some));
        DefaultMQPushConsumer second = c.start(concurrentConsumer(c, c.group() + "_all", topic, "*", all));
        Context.awaitShared(Collections.singleton(first), topic, 2);
        Context.awaitShared(Collections.singleton(second), topic, 2);
        DefaultMQProducer producer = c.producer();
        Set<String> wanted = new HashSet<>();
        Set<String> everything = new HashSet<>();
        // The last message of each queue matches, so an unwanted one would have come before the set is complete.
        for (int i = 0; i < 120; i++) {
            String tag = i >= 110 ? "A" : "ABCD".substring(i % 4, i % 4 + 1);
            Context.sendOk(producer, Context.message(topic, tag, tag + i));
            everything.add(tag + i);
            if (tag.equals("A") || tag.equals("B")) {
                wanted.add(tag + i);
            }
        }
        Context.sendOk(producer, new Message(topic, "no tag".getBytes()));
        everything.add("no tag");
        all.awaitExactly(everything, Check.LONG_MS);
        some.awaitExactly(wanted, Check.LONG_MS);
    }

    /**
     * Three consumers share 12 queues; one leaves. run.sh runs this one also as `push-rebalance-notified`, in a process whose own
     * periodic rebalance is set beyond the time limit: sharing then needs the server's "consumer ids changed" notice.
     */
    private static void rebalance(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 12);
        DefaultMQProducer producer = c.producer();
        Received received = new Received();
        List<DefaultMQPushConsumer> group = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            group.add(c.start(concurrentConsumer(c, c.group(), topic, "*", received)));
            Context.awaitShared(group, topic, 12 / i);
        }
        List<String> ids = Context.sendMany(producer, topic, "A", "three", 240);
        received.awaitExactly(ids, Check.LONG_MS);
        group.remove(0).shutdown();
        Context.awaitShared(group, topic, 6);
        List<String> more = Context.sendMany(producer, topic, "A", "two", 240);
        ids.addAll(more);
        // The consumer that left has committed when it shut down; queues that moved may still repeat, so: complete, nothing foreign.
        received.awaitAll(ids, Check.LONG_MS);
        Check.equal(ids.size(), received.distinct(), "distinct messages");
    }

    /** Two orderly consumers with queue locks: per key in sending order, each message once. */
    private static void orderly(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 4);
        Received received = new Received();
        Map<String, Integer> lastOfKey = new ConcurrentHashMap<>();
        AtomicReference<String> disorder = new AtomicReference<>();
        MessageListenerOrderly listener = (messages, context) -> {
            for (MessageExt m : messages) {
                String[] parts = Received.idOf(m).split("-");
                int n = Integer.parseInt(parts[1]);
                Integer last = lastOfKey.put(parts[0], n);
                if (n != (last == null ? 0 : last + 1)) {
                    disorder.compareAndSet(null, parts[0] + ": " + n + " after " + last);
                }
                received.add(m);
            }
            return ConsumeOrderlyStatus.SUCCESS;
        };
        List<DefaultMQPushConsumer> group = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            DefaultMQPushConsumer consumer = c.newPushConsumer(c.group());
            consumer.subscribe(topic, "*");
            consumer.registerMessageListener(listener);
            group.add(c.start(consumer));
        }
        Context.awaitShared(group, topic, 2);
        DefaultMQProducer producer = c.producer();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            for (int key = 0; key < 10; key++) {
                String id = "key" + key + "-" + i;
                producer.send(Context.message(topic, "A", id), (queues, m, arg) -> queues.get((Integer) arg % queues.size()), key);
                ids.add(id);
            }
        }
        received.awaitExactly(ids, Check.LONG_MS);
        Check.equal(null, disorder.get(), "disorder");
    }

    private static void orderlySuspend(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 1);
        AtomicInteger refusals = new AtomicInteger();
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        Received received = new Received();
        DefaultMQPushConsumer consumer = c.newPushConsumer(c.group());
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
            MessageExt m = messages.get(0);
            if (Received.idOf(m).equals("m1") && refusals.getAndIncrement() < 3) {
                context.setSuspendCurrentQueueTimeMillis(50);
                return ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT;
            }
            order.add(Received.idOf(m));
            received.add(m);
            return ConsumeOrderlyStatus.SUCCESS;
        });
        c.start(consumer);
        List<String> ids = Context.sendMany(c.producer(), topic, "A", "m", 5);
        received.awaitExactly(ids, Check.LONG_MS);
        Check.equal(ids, new ArrayList<>(order), "order");
    }

    private static void fromFirst(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 2);
        DefaultMQProducer producer = c.producer();
        List<String> ids = Context.sendMany(producer, topic, "A", "old", 20);
        Received received = new Received();
        c.start(concurrentConsumer(c, c.group(), topic, "*", received));
        ids.addAll(Context.sendMany(producer, topic, "A", "new", 20));
        received.awaitExactly(ids, Check.LONG_MS);
    }

    /**
     * CONSUME_FROM_LAST_OFFSET with a new group. Surprising but the server's rule: as long as a queue still begins at offset 0 and that
     * message is not yet "on disk" (cold), the broker answers offset 0 to a group without one, so the old messages come as well.
     */
    private static void fromLast(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 2);
        DefaultMQProducer producer = c.producer();
        List<String> ids = Context.sendMany(producer, topic, "A", "old", 20);
        Received received = new Received();
        DefaultMQPushConsumer consumer = concurrentConsumer(c, c.group(), topic, "*", received);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET);
        c.start(consumer);
        Context.awaitShared(Collections.singleton(consumer), topic, 2);
        ids.addAll(Context.sendMany(producer, topic, "A", "new", 20));
        received.awaitExactly(ids, Check.LONG_MS);
    }

    private static void broadcast(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 3);
        List<DefaultMQPushConsumer> consumers = new ArrayList<>();
        List<Received> received = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            received.add(new Received());
            DefaultMQPushConsumer consumer = concurrentConsumer(c, c.group(), topic, "*", received.get(i));
            Context.setBroadcasting(consumer);
            consumers.add(c.start(consumer));
        }
        for (DefaultMQPushConsumer consumer : consumers) {
            Context.awaitShared(Collections.singleton(consumer), topic, 3);
        }
        List<String> ids = Context.sendMany(c.producer(), topic, "A", "b", 60);
        for (Received one : received) {
            one.awaitExactly(ids, Check.LONG_MS);
        }
    }

    /** Offsets are saved on shutdown and a new client of the group goes on exactly there. */
    private static void resume(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 3);
        DefaultMQProducer producer = c.producer();
        List<String> before = Context.sendMany(producer, topic, "A", "x", 60);
        Received first = new Received();
        DefaultMQPushConsumer consumer = c.start(concurrentConsumer(c, c.group(), topic, "*", first));
        first.awaitExactly(before, Check.LONG_MS);
        // The listener returned for all, but the client removes the last batch only after that: wait until nothing is in process.
        Check.await("everything acknowledged locally", Check.LONG_MS, () -> consumer.getDefaultMQPushConsumerImpl().getRebalanceImpl()
            .getProcessQueueTable().values().stream().allMatch(q -> q.getMsgCount().get() == 0));
        consumer.shutdown();
        List<String> after = Context.sendMany(producer, topic, "A", "y", 60);
        Received second = new Received();
        c.start(concurrentConsumer(c, c.group(), topic, "*", second));
        second.awaitExactly(after, Check.LONG_MS);
    }
}
