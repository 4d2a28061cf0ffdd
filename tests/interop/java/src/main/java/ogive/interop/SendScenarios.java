package ogive.interop;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** Every way of sending; what was stored is read back with a pull consumer and compared as exact sets. */
final class SendScenarios {
    private SendScenarios() {
    }

    static void addTo(Map<String, Scenario> all) {
        all.put("send-sync", SendScenarios::sync);
        all.put("send-async-1000", SendScenarios::async);
        all.put("send-oneway", SendScenarios::oneway);
        all.put("send-batch", SendScenarios::batch);
        all.put("send-to-chosen-queue", SendScenarios::chosenQueue);
        all.put("send-properties-unicode", SendScenarios::properties);
        all.put("send-large-body", SendScenarios::largeBody);
        all.put("send-oversized-refused", SendScenarios::oversized);
        all.put("send-auto-create-topic", SendScenarios::autoCreate);
        all.put("send-bad-queue-refused", SendScenarios::badQueue);
        all.put("send-vip-channel", SendScenarios::vipChannel);
        all.put("query-by-key", SendScenarios::queryByKey);
    }

    private static void sync(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 4);
        DefaultMQProducer producer = c.producer();
        Set<String> ids = new HashSet<>();
        Map<Integer, Long> next = new HashMap<>();
        for (int i = 0; i < 100; i++) {
            SendResult result = Context.sendOk(producer, Context.message(topic, "A", "s" + i));
            MessageQueue mq = result.getMessageQueue();
            Check.equal(topic, mq.getTopic(), "topic of the result");
            Check.equal(next.getOrDefault(mq.getQueueId(), 0L), result.getQueueOffset(), "queue offset in " + mq);
            next.put(mq.getQueueId(), result.getQueueOffset() + 1);
            Check.that(result.getOffsetMsgId() != null && !result.getOffsetMsgId().isEmpty(), "no offset message id");
            ids.add("s" + i);
        }
        Check.equal(4, next.size(), "queues used");
        PullScenarios.readAll(c, topic).awaitExactly(ids, 0);
    }

    private static void async(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 4);
        DefaultMQProducer producer = c.producer();
        int count = 1000;
        Set<String> ids = Collections.synchronizedSet(new HashSet<>());
        Set<String> places = Collections.synchronizedSet(new HashSet<>());
        AtomicReference<String> error = new AtomicReference<>();
        CountDownLatch done = new CountDownLatch(count);
        for (int i = 0; i < count; i++) {
            String id = "a" + i;
            producer.send(Context.message(topic, "A", id), new SendCallback() {
                @Override
                public void onSuccess(SendResult r) {
                    if (r.getSendStatus() == SendStatus.SEND_OK) {
                        ids.add(id);
                        places.add(r.getMessageQueue().getQueueId() + ":" + r.getQueueOffset());
                    } else {
                        error.set(r.toString());
                    }
                    done.countDown();
                }

                @Override
                public void onException(Throwable e) {
                    error.set(e.toString());
                    done.countDown();
                }
            });
        }
        Check.that(done.await(60, TimeUnit.SECONDS), "callbacks missing: " + done.getCount());
        Check.equal(null, error.get(), "error of an async send");
        Check.equal(count, ids.size(), "acknowledged ids");
        Check.equal(count, places.size(), "distinct queue offsets acknowledged");
        PullScenarios.readAll(c, topic).awaitExactly(ids, 0);
    }

    private static void oneway(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 2);
        DefaultMQProducer producer = c.producer();
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            producer.sendOneway(Context.message(topic, "A", "o" + i));
            ids.add("o" + i);
        }
        Check.await("50 one-way messages stored", Check.LONG_MS, () -> {
            long sum = 0;
            for (MessageQueue mq : producer.fetchPublishMessageQueues(topic)) {
                sum += producer.maxOffset(mq);
            }
            return sum >= 50;
        });
        PullScenarios.readAll(c, topic).awaitExactly(ids, 0);
    }

    private static void batch(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 2);
        DefaultMQProducer producer = c.producer();
        List<Message> batch = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 40; i++) {
            Message message = Context.message(topic, "tag" + i % 3, "b" + i);
            message.setKeys("key" + i);
            message.putUserProperty("n", "" + i);
            batch.add(message);
            ids.add("b" + i);
        }
        SendResult result = producer.send(batch);
        Check.equal(SendStatus.SEND_OK, result.getSendStatus(), "send status");
        Check.equal(40, result.getMsgId().split(",").length, "message ids in the result");
        Check.equal(40, result.getOffsetMsgId().split(",").length, "offset ids in the result");
        Received received = PullScenarios.readAll(c, topic);
        received.awaitExactly(ids, 0);
        for (MessageExt m : received.messages()) {
            int i = Integer.parseInt(Received.idOf(m).substring(1));
            Check.equal(result.getMessageQueue().getQueueId(), m.getQueueId(), "queue of " + i);
            Check.equal(result.getQueueOffset() + i, m.getQueueOffset(), "queue offset of " + i);
            Check.equal("tag" + i % 3, m.getTags(), "tag of " + i);
            Check.equal("key" + i, m.getKeys(), "keys of " + i);
            Check.equal("" + i, m.getUserProperty("n"), "property of " + i);
        }
    }

    private static void chosenQueue(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 4);
        DefaultMQProducer producer = c.producer();
        Map<String, Integer> chosen = new HashMap<>();
        for (int i = 0; i < 40; i++) {
            SendResult r = producer.send(Context.message(topic, "A", "q" + i), (queues, m, arg) -> queues.get((Integer) arg), i * 7 % 4);
            Check.equal(SendStatus.SEND_OK, r.getSendStatus(), "send status");
            chosen.put("q" + i, r.getMessageQueue().getQueueId());
        }
        Received received = PullScenarios.readAll(c, topic);
        received.awaitExactly(chosen.keySet(), 0);
        for (MessageExt m : received.messages()) {
            Check.equal(chosen.get(Received.idOf(m)), m.getQueueId(), "queue of " + Received.idOf(m));
        }
    }

    private static void properties(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 1);
        DefaultMQProducer producer = c.producer();
        Message message = Context.message(topic, "Тег", "u0");
        message.setKeys(Arrays.asList("klíč", "鍵", "k3"));
        message.setFlag(0x1234);
        Map<String, String> wanted = new HashMap<>();
        wanted.put("plain", "value");
        wanted.put("große", "Straße");
        wanted.put("emoji", "\uD83D\uDE80 rocket");
        wanted.put("json", "{\"a\": [1, 2], \"b\": \"\\\\\"}");
        wanted.put("spaces", " leading and trailing ");
        for (Map.Entry<String, String> e : wanted.entrySet()) {
            message.putUserProperty(e.getKey(), e.getValue());
        }
        SendResult sent = Context.sendOk(producer, message);
        Received received = PullScenarios.readAll(c, topic);
        received.awaitExactly(Collections.singleton("u0"), 0);
        MessageExt m = received.messages().get(0);
        Check.equal("Тег", m.getTags(), "tag");
        Check.equal("klíč 鍵 k3", m.getKeys(), "keys");
        Check.equal(0x1234, m.getFlag(), "flag");
        Check.equal(sent.getMsgId(), m.getMsgId(), "message id");
        for (Map.Entry<String, String> e : wanted.entrySet()) {
            Check.equal(e.getValue(), m.getUserProperty(e.getKey()), "property " + e.getKey());
        }
        Check.that(m.getBornTimestamp() <= m.getStoreTimestamp() + 60_000 && m.getStoreTimestamp() > 0, "timestamps of " + m);
    }

    private static void largeBody(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 1);
        DefaultMQProducer producer = c.producer();
        byte[] compressible = new byte[1 << 20];
        for (int i = 0; i < compressible.length; i++) {
            compressible[i] = (byte) ("ogive " .charAt(i % 6) + i / 65536 % 3);
        }
        byte[] random = new byte[1 << 20];
        new Random(7).nextBytes(random);
        Context.sendOk(producer, new Message(topic, compressible));
        Context.sendOk(producer, new Message(topic, random));
        Context.sendOk(producer, Context.message(topic, "A", "small"));
        List<MessageExt> got = PullScenarios.readAll(c, topic).messages();
        Check.equal(3, got.size(), "messages");
        got.sort((a, b) -> Long.compare(a.getQueueOffset(), b.getQueueOffset()));
        Check.that(Arrays.equals(compressible, got.get(0).getBody()), "compressible body differs");
        Check.that(Arrays.equals(random, got.get(1).getBody()), "random body differs");
        Check.that(got.get(0).getStoreSize() < 200_000, "body was stored uncompressed: " + got.get(0).getStoreSize());
    }

    /** The client's own limit is raised, so that the server has to refuse: code 13, and the connection stays usable. */
    private static void oversized(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 1);
        DefaultMQProducer producer = c.newProducer("");
        producer.setMaxMessageSize(64 << 20);
        c.start(producer);
        byte[] body = new byte[5 << 20];
        new Random(8).nextBytes(body);
        try {
            SendResult r = producer.send(new Message(topic, body));
            throw new AssertionError("5 MiB accepted: " + r);
        } catch (MQBrokerException e) {
            Check.equal(13, e.getResponseCode(), "code of the refusal (" + e.getErrorMessage() + ")");
        }
        Context.sendOk(producer, Context.message(topic, "A", "after"));
        PullScenarios.readAll(c, topic).awaitExactly(Collections.singleton("after"), 0);
    }

    private static void autoCreate(Context c) throws Exception {
        DefaultMQProducer producer = c.newProducer("");
        producer.setDefaultTopicQueueNums(3);
        c.start(producer);
        List<String> ids = Context.sendMany(producer, c.topic(), "A", "n", 12);
        Check.await("route of the new topic", Check.LONG_MS, () -> producer.fetchPublishMessageQueues(c.topic()).size() == 3);
        PullScenarios.readAll(c, c.topic()).awaitExactly(ids, 0);
    }

    /** A queue id that the topic does not have: code 29 since 5.x. */
    private static void badQueue(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 1);
        DefaultMQProducer producer = c.producer();
        MessageQueue mq = producer.fetchPublishMessageQueues(topic).get(0);
        try {
            SendResult r = producer.send(Context.message(topic, "A", "x"), new MessageQueue(topic, mq.getBrokerName(), 77));
            throw new AssertionError("queue 77 accepted: " + r);
        } catch (MQBrokerException e) {
            Check.equal(29, e.getResponseCode(), "code of the refusal (" + e.getErrorMessage() + ")");
        }
        Context.sendOk(producer, Context.message(topic, "A", "after"));
        PullScenarios.readAll(c, topic).awaitExactly(Collections.singleton("after"), 0);
    }

    /** Same as com.rocketmq.sendMessageWithVIPChannel=true: sends go to listenPort - 2, everything else to listenPort. */
    private static void vipChannel(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 2);
        DefaultMQProducer producer = c.newProducer("");
        producer.setVipChannelEnabled(true);
        c.start(producer);
        List<String> ids = Context.sendMany(producer, topic, "A", "v", 20);
        PullScenarios.readAll(c, topic).awaitExactly(ids, 0);
    }

    private static void queryByKey(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 2);
        DefaultMQProducer producer = c.producer();
        long begin = System.currentTimeMillis() - 60_000;
        Set<String> ids = new HashSet<>();
        SendResult last = null;
        for (int i = 0; i < 10; i++) {
            Message message = new Message(topic, "A", i % 2 == 0 ? "even all" : "odd all", ("k" + i).getBytes(StandardCharsets.UTF_8));
            last = Context.sendOk(producer, message);
            ids.add("k" + i);
        }
        awaitKey(producer, topic, "all", begin, 10);
        awaitKey(producer, topic, "even", begin, 5);
        SendResult sent = last;
        MessageExt byId = producer.viewMessage(topic, sent.getOffsetMsgId());
        Check.equal("k9", Received.idOf(byId), "message by offset id");
        Check.equal(sent.getQueueOffset(), byId.getQueueOffset(), "queue offset of the message by offset id");
        Check.equal("k9", Received.idOf(producer.viewMessage(topic, sent.getMsgId())), "message by unique id");
    }

    private static void awaitKey(DefaultMQProducer producer, String topic, String key, long begin, int count) throws Exception {
        Set<String> found = new HashSet<>();
        Check.await(count + " messages with key " + key, Check.LONG_MS, () -> {
            found.clear();
            for (MessageExt m : producer.queryMessage(topic, key, 64, begin, System.currentTimeMillis() + 60_000).getMessageList()) {
                found.add(Received.idOf(m));
            }
            return found.size() >= count;
        });
        Check.equal(count, found.size(), "messages with key " + key);
    }
}
