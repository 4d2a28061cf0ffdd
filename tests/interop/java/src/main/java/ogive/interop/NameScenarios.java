package ogive.interop;

import java.net.ServerSocket;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.MessageExt;

/** Name servers of which one is dead, namespaces, message traces. */
@SuppressWarnings("deprecation")
final class NameScenarios {
    private NameScenarios() {
    }

    static void addTo(Map<String, Scenario> all) {
        all.put("names-one-of-two-servers-dead", NameScenarios::oneDead);
        all.put("names-namespace", NameScenarios::namespace);
        all.put("names-namespace-retry", NameScenarios::namespaceRetry);
        all.put("trace-topic", NameScenarios::trace);
    }

    private static String deadAddress() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return "127.0.0.1:" + socket.getLocalPort();
        }
    }

    /**
     * Several clients, as each picks the server it asks first at random. The Java client fails a start or a send that met the dead one and
     * comes to the living one with a later try; so a try may fail, but not for long.
     */
    private static void oneDead(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 2);
        for (int i = 0; i < 4; i++) {
            String both = i % 2 == 0 ? deadAddress() + ";" + c.namesrv : c.namesrv + ";" + deadAddress();
            String tag = "only" + i;
            String group = c.group() + i;
            DefaultMQProducer producer = c.newProducer("_" + i);
            producer.setNamesrvAddr(both);
            c.start(producer);
            Received received = new Received();
            Check.await("a consumer with a dead name server starts", Check.LONG_MS, () -> {
                DefaultMQPushConsumer consumer = PushScenarios.concurrentConsumer(c, group, topic, tag, received);
                consumer.setNamesrvAddr(both);
                c.start(consumer);
                return true;
            });
            Check.await("a producer with a dead name server knows the topic", Check.LONG_MS,
                () -> producer.fetchPublishMessageQueues(topic).size() == 2);
            Set<String> ids = new HashSet<>();
            Check.await("20 messages sent", Check.LONG_MS, () -> {
                ids.add("m" + ids.size());
                Context.sendOk(producer, Context.message(topic, tag, "m" + (ids.size() - 1)));
                return ids.size() == 20;
            });
            received.awaitAll(ids, Check.LONG_MS);
            Check.equal(20, received.distinct(), "distinct messages");
        }
    }

    private static DefaultMQProducer producerIn(Context c, String namespace) throws Exception {
        DefaultMQProducer producer = c.newProducer("");
        producer.setNamespace(namespace);
        return c.start(producer);
    }

    private static DefaultMQPushConsumer consumerIn(Context c, String namespace) {
        DefaultMQPushConsumer consumer = c.newPushConsumer(c.group());
        consumer.setNamespace(namespace);
        return consumer;
    }

    /** One topic and one group name in two namespaces: two topics and two groups to the server. */
    private static void namespace(Context c) throws Exception {
        for (String namespace : new String[] {"one", "two"}) {
            c.createTopic(namespace + "%" + c.topic(), 2);
            Received received = new Received();
            DefaultMQPushConsumer consumer = consumerIn(c, namespace);
            consumer.subscribe(c.topic(), "*");
            consumer.registerMessageListener(PushScenarios.into(received));
            c.start(consumer);
            List<String> ids = Context.sendMany(producerIn(c, namespace), c.topic(), "A", namespace, 20);
            received.awaitExactly(ids, Check.LONG_MS);
            for (MessageExt m : received.messages()) {
                Check.equal(c.topic(), m.getTopic(), "topic without its namespace");
            }
        }
    }

    private static void namespaceRetry(Context c) throws Exception {
        c.createTopic("one%" + c.topic(), 1);
        Received received = new Received();
        DefaultMQPushConsumer consumer = consumerIn(c, "one");
        consumer.subscribe(c.topic(), "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            if (messages.get(0).getReconsumeTimes() == 0) {
                context.setDelayLevelWhenNextConsume(1);
                return ConsumeConcurrentlyStatus.RECONSUME_LATER;
            }
            received.addAll(messages);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        c.start(consumer);
        received.awaitExactly(Context.sendMany(producerIn(c, "one"), c.topic(), "A", "r", 4), Check.LONG_MS);
        for (MessageExt m : received.messages()) {
            Check.equal(c.topic(), m.getTopic(), "topic shown to the listener");
        }
    }

    /** Producer and consumer trace to a topic of their own and to the system's: every message id is in a record of each kind. */
    private static void trace(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 2);
        for (String traceTopic : Arrays.asList(c.createTopic("Trace_" + c.name, 1), "RMQ_SYS_TRACE_TOPIC")) {
            Received traces = new Received();
            c.start(PushScenarios.concurrentConsumer(c, c.group() + "_of_" + traceTopic, traceTopic, "*", traces));
            Received received = new Received();
            DefaultMQPushConsumer consumer = c.configure(new DefaultMQPushConsumer(c.group() + traceTopic, true, traceTopic));
            consumer.subscribe(topic, traceTopic);
            consumer.registerMessageListener(PushScenarios.into(received));
            c.start(consumer);
            Context.awaitShared(Collections.singleton(consumer), topic, 2);
            DefaultMQProducer producer = c.configure(new DefaultMQProducer("P_" + c.name + traceTopic, true, traceTopic));
            producer.setSendMsgTimeout(10_000);
            c.start(producer);
            Set<String> keys = new HashSet<>();
            for (int i = 0; i < 10; i++) {
                keys.add(Context.sendOk(producer, Context.message(topic, traceTopic, "t" + i)).getMsgId());
            }
            for (String kind : new String[] {"Pub", "SubBefore", "SubAfter"}) {
                Check.await(kind + " traces in " + traceTopic, Check.LONG_MS, () -> traced(traces, kind).containsAll(keys));
            }
        }
    }

    /** Ids in the records of one kind; records end with a byte 2, fields with a byte 1. */
    private static Set<String> traced(Received traces, String kind) {
        Set<String> ids = new HashSet<>();
        for (MessageExt m : traces.messages()) {
            for (String line : Received.idOf(m).split("\u0002")) {
                String[] fields = line.split("\u0001");
                if (fields[0].equals(kind)) {
                    ids.addAll(Arrays.asList(fields));
                }
            }
        }
        return ids;
    }
}
