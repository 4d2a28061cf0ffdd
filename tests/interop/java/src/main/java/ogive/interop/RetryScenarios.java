package ogive.interop;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** Retry with delay, dead letters, delayed messages. Waits for lower bounds of delays; upper bounds are only the generous time limits. */
@SuppressWarnings("deprecation")
final class RetryScenarios {
    /** Delays are counted from the store time by the server's clock tick; allow it this much to be early. */
    private static final long EARLY_MS = 100;

    private RetryScenarios() {
    }

    static void addTo(Map<String, Scenario> all) {
        all.put("retry-default-delay", RetryScenarios::defaultDelay);
        all.put("retry-then-dlq", RetryScenarios::dlq);
        all.put("retry-no-retry-goes-to-dlq", RetryScenarios::straightToDlq);
        all.put("retry-keeps-properties", RetryScenarios::keepsProperties);
        all.put("delay-levels", RetryScenarios::delayLevels);
    }

    /** When and how often each id was seen. */
    private static final class Attempts {
        final Map<String, List<Long>> times = new ConcurrentHashMap<>();
        final Map<String, List<Integer>> reconsume = new ConcurrentHashMap<>();

        synchronized void add(MessageExt m) {
            times.computeIfAbsent(Received.idOf(m), k -> Collections.synchronizedList(new ArrayList<>())).add(System.currentTimeMillis());
            reconsume.computeIfAbsent(Received.idOf(m), k -> Collections.synchronizedList(new ArrayList<>())).add(m.getReconsumeTimes());
        }
    }

    /** Reads the dead letter queue of the group until it holds `count` messages. */
    private static List<MessageExt> awaitDlq(Context c, int count) throws Exception {
        String dlq = "%DLQ%" + c.group();
        DefaultMQPullConsumer reader = c.pullConsumer("G_dlq_" + c.name);
        List<MessageExt> found = new ArrayList<>();
        Check.await(count + " messages in " + dlq, Check.LONG_MS, () -> {
            Received received = new Received();
            Set<MessageQueue> queues = reader.fetchSubscribeMessageQueues(dlq);
            for (MessageQueue mq : queues) {
                PullScenarios.readQueue(reader, mq, received);
            }
            found.clear();
            found.addAll(received.messages());
            return found.size() >= count;
        });
        Check.equal(count, found.size(), "messages in " + dlq);
        return found;
    }

    private static void dlq(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 2);
        Attempts attempts = new Attempts();
        DefaultMQPushConsumer consumer = c.newPushConsumer(c.group());
        consumer.setMaxReconsumeTimes(2);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            attempts.add(messages.get(0));
            context.setDelayLevelWhenNextConsume(1);
            return ConsumeConcurrentlyStatus.RECONSUME_LATER;
        });
        c.start(consumer);
        List<String> ids = Context.sendMany(c.producer(), topic, "A", "d", 6);
        Set<String> dead = new HashSet<>();
        for (MessageExt m : awaitDlq(c, 6)) {
            dead.add(Received.idOf(m));
            Check.equal("%DLQ%" + c.group(), m.getTopic(), "topic of a dead letter");
            // The broker of 5.5.0 never sets DLQ_ORIGIN_TOPIC / DLQ_ORIGIN_MESSAGE_ID; what a dead letter came from is in these.
            Check.equal(topic, m.getProperty("RETRY_TOPIC"), "RETRY_TOPIC of a dead letter");
            Check.that(m.getProperty("ORIGIN_MESSAGE_ID") != null, "ORIGIN_MESSAGE_ID of a dead letter is missing");
        }
        Check.equal(new HashSet<>(ids), dead, "dead letters");
        for (String id : ids) {
            List<Integer> expected = new ArrayList<>();
            Collections.addAll(expected, 0, 1, 2);
            Check.equal(expected, attempts.reconsume.get(id), "reconsumeTimes seen for " + id);
            List<Long> times = attempts.times.get(id);
            for (int i = 1; i < times.size(); i++) {
                long gap = times.get(i) - times.get(i - 1);
                Check.that(gap >= 1000 - EARLY_MS, "retry of " + id + " came after " + gap + " ms, level 1 is 1000 ms");
            }
        }
    }

    /** Without a level of its own, the first retry uses level 3 + reconsumeTimes = 10 s. The message then succeeds and stays away. */
    private static void defaultDelay(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 1);
        Attempts attempts = new Attempts();
        Received succeeded = new Received();
        DefaultMQPushConsumer consumer = c.newPushConsumer(c.group());
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            MessageExt m = messages.get(0);
            attempts.add(m);
            if (m.getReconsumeTimes() == 0) {
                return ConsumeConcurrentlyStatus.RECONSUME_LATER;
            }
            succeeded.add(m);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        c.start(consumer);
        List<String> ids = Context.sendMany(c.producer(), topic, "A", "r", 3);
        succeeded.awaitExactly(ids, Check.LONG_MS);
        for (String id : ids) {
            List<Long> times = attempts.times.get(id);
            Check.equal(2, times.size(), "attempts for " + id);
            long gap = times.get(1) - times.get(0);
            Check.that(gap >= 10_000 - EARLY_MS, "first retry of " + id + " came after " + gap + " ms, level 3 is 10000 ms");
        }
    }

    /** A negative level means: no retry, to the dead letter queue at once. */
    private static void straightToDlq(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 1);
        Attempts attempts = new Attempts();
        DefaultMQPushConsumer consumer = c.newPushConsumer(c.group());
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            attempts.add(messages.get(0));
            context.setDelayLevelWhenNextConsume(-1);
            return ConsumeConcurrentlyStatus.RECONSUME_LATER;
        });
        c.start(consumer);
        List<String> ids = Context.sendMany(c.producer(), topic, "A", "z", 2);
        Set<String> dead = new HashSet<>();
        for (MessageExt m : awaitDlq(c, 2)) {
            dead.add(Received.idOf(m));
        }
        Check.equal(new HashSet<>(ids), dead, "dead letters");
        for (String id : ids) {
            Check.equal(1, attempts.times.get(id).size(), "attempts for " + id);
        }
    }

    private static void keepsProperties(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 1);
        List<MessageExt> seen = Collections.synchronizedList(new ArrayList<>());
        DefaultMQPushConsumer consumer = c.newPushConsumer(c.group());
        // A tag subscription must not filter the retry topic away.
        consumer.subscribe(topic, "TagR");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            seen.add(messages.get(0));
            context.setDelayLevelWhenNextConsume(1);
            return messages.get(0).getReconsumeTimes() == 0 ? ConsumeConcurrentlyStatus.RECONSUME_LATER
                : ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        c.start(consumer);
        Message message = Context.message(topic, "TagR", "p0");
        message.setKeys("key1");
        message.putUserProperty("user", "ünïcode");
        String msgId = Context.sendOk(c.producer(), message).getMsgId();
        Check.await("second delivery", Check.LONG_MS, () -> seen.size() >= 2);
        MessageExt again = seen.get(1);
        Check.equal(1, again.getReconsumeTimes(), "reconsumeTimes");
        Check.equal(topic, again.getTopic(), "topic shown to the listener");
        Check.equal(topic, again.getProperty("RETRY_TOPIC"), "RETRY_TOPIC");
        Check.equal("TagR", again.getTags(), "tag");
        Check.equal("key1", again.getKeys(), "keys");
        Check.equal("ünïcode", again.getUserProperty("user"), "user property");
        Check.equal(msgId, again.getMsgId(), "message id");
        Check.that(again.getProperty("ORIGIN_MESSAGE_ID") != null, "ORIGIN_MESSAGE_ID is missing");
    }

    private static void delayLevels(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 2);
        Map<String, Long> arrived = new ConcurrentHashMap<>();
        Received received = new Received();
        DefaultMQPushConsumer consumer = c.newPushConsumer(c.group());
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            for (MessageExt m : messages) {
                arrived.put(Received.idOf(m), System.currentTimeMillis());
            }
            received.addAll(messages);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        c.start(consumer);
        DefaultMQProducer producer = c.producer();
        long[] delays = {0, 1000, 5000};
        Map<String, Long> due = new TreeMap<>();
        for (int i = 0; i < 30; i++) {
            Message message = Context.message(topic, "A", "l" + i);
            message.setDelayTimeLevel(i % 3);
            long now = System.currentTimeMillis();
            Context.sendOk(producer, message);
            due.put("l" + i, now + delays[i % 3]);
        }
        received.awaitExactly(due.keySet(), Check.LONG_MS);
        for (Map.Entry<String, Long> e : due.entrySet()) {
            long early = e.getValue() - arrived.get(e.getKey());
            Check.that(early <= EARLY_MS, e.getKey() + " came " + early + " ms too early");
        }
        for (MessageExt m : received.messages()) {
            int level = Integer.parseInt(Received.idOf(m).substring(1)) % 3;
            Check.equal(topic, m.getTopic(), "topic");
            Check.that(m.getQueueId() < 2, "queue of the topic itself: " + m.getQueueId());
            Check.equal(level == 0 ? null : topic, m.getProperty("REAL_TOPIC"), "REAL_TOPIC of " + m);
        }
    }
}
