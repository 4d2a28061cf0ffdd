package ogive.interop.v5;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import ogive.interop.Check;
import ogive.interop.Context;
import ogive.interop.Received;
import ogive.interop.Scenario;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.compression.CompressionType;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;

/** What the 5.x client has and the 4.9 client has not: codecs, producers that batch by themselves, resets of a live group's offsets. */
public final class NewerScenarios {
    private NewerScenarios() {
    }

    public static void addTo(Map<String, Scenario> all) {
        all.put("compression-codecs", NewerScenarios::codecs);
        all.put("send-auto-batch", NewerScenarios::autoBatch);
        all.put("offsets-reset-live-group", NewerScenarios::resetLive);
        all.put("offsets-reset-absent-group", NewerScenarios::resetAbsent);
    }

    private static void codecs(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 1);
        Received received = new Received();
        c.start(c.newReceiver(topic, received));
        Map<String, Integer> codec = new HashMap<>();
        for (CompressionType type : CompressionType.values()) {
            DefaultMQProducer producer = c.newProducer("_" + type);
            producer.setCompressType(type);
            c.start(producer);
            char[] body = new char[100_000];
            Arrays.fill(body, (char) ('a' + type.getValue()));
            Context.sendOk(producer, Context.message(topic, "A", new String(body)));
            codec.put(new String(body), type.getCompressionFlag());
        }
        received.awaitExactly(codec.keySet(), Check.LONG_MS);
        for (MessageExt m : received.messages()) {
            Check.that(m.getStoreSize() < 10_000, "stored uncompressed: " + m.getStoreSize());
            int wanted = codec.get(Received.idOf(m));
            Check.equal(wanted, m.getSysFlag() & wanted, "codec bits in the system flag");
        }
    }

    /** The client gathers single sends into batches; the server answers a batch and every message is stored. */
    private static void autoBatch(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 2);
        Received received = new Received();
        c.start(c.newReceiver(topic, received));
        DefaultMQProducer producer = c.newProducer("");
        producer.setAutoBatch(true);
        producer.batchMaxDelayMs(20);
        c.start(producer);
        List<String> ids = Collections.synchronizedList(new java.util.ArrayList<>());
        Thread[] threads = new Thread[4];
        AtomicInteger failed = new AtomicInteger();
        for (int t = 0; t < threads.length; t++) {
            int thread = t;
            threads[t] = new Thread(() -> {
                for (int i = 0; i < 50; i++) {
                    try {
                        SendResult r = producer.send(Context.message(topic, "A", thread + "-" + i));
                        Check.that(r.getMsgId() != null, "no id");
                        ids.add(thread + "-" + i);
                    } catch (Exception e) {
                        failed.incrementAndGet();
                    }
                }
            });
            threads[t].start();
        }
        for (Thread t : threads) {
            t.join();
        }
        Check.equal(0, failed.get(), "failed sends");
        received.awaitExactly(ids, Check.LONG_MS);
    }

    private static long sendTwoHalves(DefaultMQProducer producer, String topic, List<String> first, List<String> second) throws Exception {
        first.addAll(Context.sendMany(producer, topic, "A", "old", 30));
        long start = System.currentTimeMillis();
        while (System.currentTimeMillis() < start + 50) {
            Thread.sleep(1); // Store times of the halves differ.
        }
        second.addAll(Context.sendMany(producer, topic, "A", "new", 30));
        return start + 25;
    }

    /** A group with live consumers is set back to a time: they get what was stored since then once more. */
    private static void resetLive(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 2);
        List<String> first = new java.util.ArrayList<>();
        List<String> second = new java.util.ArrayList<>();
        long between = sendTwoHalves(c.producer(), topic, first, second);
        Received received = new Received();
        c.start(c.newReceiver(topic, received));
        List<String> all = new java.util.ArrayList<>(first);
        all.addAll(second);
        received.awaitExactly(all, Check.LONG_MS);
        DefaultMQAdminExt admin = AdminScenarios.admin(c);
        Map<MessageQueue, Long> offsets = admin.resetOffsetByTimestamp(topic, c.group(), between, true);
        Check.equal(2, offsets.size(), "queues that were reset");
        for (long offset : offsets.values()) {
            Check.equal(15L, offset, "offset at the time");
        }
        Check.await("the second half once more", Check.LONG_MS, () -> {
            Map<String, Integer> counts = new HashMap<>();
            received.messages().forEach(m -> counts.merge(Received.idOf(m), 1, Integer::sum));
            return second.stream().allMatch(id -> counts.get(id) >= 2);
        });
        for (MessageExt m : received.messages()) {
            Check.that(all.contains(Received.idOf(m)), "foreign message " + m);
        }
        long repeatedFirst = received.messages().stream().filter(m -> first.contains(Received.idOf(m))).count();
        Check.equal(30L, repeatedFirst, "deliveries of the first half");
    }

    /** Nobody of the group is there: the server's offsets are set, and whoever comes next starts there. */
    private static void resetAbsent(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 2);
        List<String> first = new java.util.ArrayList<>();
        List<String> second = new java.util.ArrayList<>();
        long between = sendTwoHalves(c.producer(), topic, first, second);
        Received before = new Received();
        DefaultMQPushConsumer consumer = c.start(c.newReceiver(topic, before));
        List<String> all = new java.util.ArrayList<>(first);
        all.addAll(second);
        before.awaitExactly(all, Check.LONG_MS);
        consumer.shutdown();
        DefaultMQAdminExt admin = AdminScenarios.admin(c);
        Check.await("group without consumers", Check.LONG_MS, () -> {
            try {
                return admin.examineConsumerConnectionInfo(c.group()).getConnectionSet().isEmpty();
            } catch (org.apache.rocketmq.client.exception.MQBrokerException e) {
                return true;
            }
        });
        admin.resetOffsetByTimestampOld(c.group(), topic, between, true);
        Received after = new Received();
        c.start(c.newReceiver(topic, after));
        after.awaitExactly(second, Check.LONG_MS);
    }
}
