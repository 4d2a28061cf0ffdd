package ogive.interop.v5;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import ogive.interop.Check;
import ogive.interop.Context;
import ogive.interop.Received;
import ogive.interop.Scenario;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.MessageSelector;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.client.utils.MessageUtil;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageRequestMode;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;

/** Features that come later (`--later`): transactions, timer messages, pop, request-reply, SQL92. */
public final class LaterScenarios {
    private LaterScenarios() {
    }

    public static void addTo(Map<String, Scenario> all) {
        all.put("later-transaction", LaterScenarios::transaction);
        all.put("later-timer", LaterScenarios::timer);
        all.put("later-pop", LaterScenarios::pop);
        all.put("later-pop-retry", LaterScenarios::popRetry);
        all.put("later-request-reply", LaterScenarios::requestReply);
        all.put("later-sql92", LaterScenarios::sql92);
    }

    /**
     * Commit, roll back, and "unknown" resolved by the server's check. The broker file sets
     * transactionTimeOut=6000: the 5.x server writes its "decided" marks in batches of up to 3 s, so with a shorter time it asks about
     * transactions that are decided already. The listener therefore gives the same answer again; being asked is not counted as a failure.
     */
    private static void transaction(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 2);
        Received received = new Received();
        c.start(c.newReceiver(topic, received));
        Map<String, AtomicInteger> checks = new ConcurrentHashMap<>();
        TransactionMQProducer producer = c.configure(new TransactionMQProducer("P_" + c.name));
        producer.setTransactionListener(new TransactionListener() {
            @Override
            public LocalTransactionState executeLocalTransaction(Message m, Object arg) {
                String id = new String(m.getBody(), StandardCharsets.UTF_8);
                return id.startsWith("c") ? LocalTransactionState.COMMIT_MESSAGE
                    : id.startsWith("r") ? LocalTransactionState.ROLLBACK_MESSAGE : LocalTransactionState.UNKNOW;
            }

            @Override
            public LocalTransactionState checkLocalTransaction(MessageExt m) {
                String id = Received.idOf(m);
                int n = checks.computeIfAbsent(id, k -> new AtomicInteger()).incrementAndGet();
                // "w" waits for a second check, "u" commits at the first, "x" rolls back.
                return id.startsWith("w") && n < 2 ? LocalTransactionState.UNKNOW
                    : id.startsWith("x") || id.startsWith("r") ? LocalTransactionState.ROLLBACK_MESSAGE : LocalTransactionState.COMMIT_MESSAGE;
            }
        });
        c.start(producer);
        Set<String> wanted = new HashSet<>();
        for (int i = 0; i < 5; i++) {
            for (String kind : new String[] {"c", "r", "u", "w", "x"}) {
                producer.sendMessageInTransaction(Context.message(topic, "A", kind + i), null);
                if ("cuw".contains(kind)) {
                    wanted.add(kind + i);
                }
            }
        }
        received.awaitExactly(wanted, 3 * Check.LONG_MS);
        Check.await("checks of the messages to roll back", Check.LONG_MS, () -> checks.containsKey("x4"));
    }

    private static void timer(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 2);
        Received received = new Received();
        Map<String, Long> arrived = new ConcurrentHashMap<>();
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
        Map<String, Long> due = new HashMap<>();
        for (int i = 0; i < 9; i++) {
            Message message = Context.message(topic, "A", "t" + i);
            long at = System.currentTimeMillis() + 1000 + 700 * i;
            if (i % 3 == 0) {
                message.setDelayTimeMs(1000 + 700 * i);
            } else if (i % 3 == 1) {
                message.setDeliverTimeMs(at);
            } else {
                message.setDelayTimeSec(3);
                at = System.currentTimeMillis() + 3000;
            }
            Context.sendOk(producer, message);
            due.put("t" + i, at);
        }
        received.awaitExactly(due.keySet(), Check.LONG_MS);
        for (Map.Entry<String, Long> e : due.entrySet()) {
            // The wheel's precision is one second, downwards.
            Check.that(arrived.get(e.getKey()) >= e.getValue() - 1100, e.getKey() + " came " + (e.getValue() - arrived.get(e.getKey())) + " ms early");
        }
    }

    private static DefaultMQPushConsumer popConsumer(Context c, String topic) throws Exception {
        DefaultMQAdminExt admin = AdminScenarios.admin(c);
        admin.setMessageRequestMode(AdminScenarios.brokerAddr(admin), topic, c.group(), MessageRequestMode.POP, 8, 10_000);
        DefaultMQPushConsumer consumer = c.newPushConsumer(c.group());
        consumer.setClientRebalance(false);
        consumer.setPopInvisibleTime(10_000);
        consumer.subscribe(topic, "*");
        return consumer;
    }

    private static void pop(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 4);
        Received received = new Received();
        DefaultMQPushConsumer consumer = popConsumer(c, topic);
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            received.addAll(messages);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        DefaultMQProducer producer = c.producer();
        List<String> ids = Context.sendMany(producer, topic, "A", "p", 40);
        c.start(consumer);
        ids.addAll(Context.sendMany(producer, topic, "A", "q", 100));
        received.awaitExactly(ids, 3 * Check.LONG_MS);
    }

    private static void popRetry(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 2);
        Received received = new Received();
        List<Integer> times = Collections.synchronizedList(new ArrayList<>());
        DefaultMQPushConsumer consumer = popConsumer(c, topic);
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            MessageExt m = messages.get(0);
            if (m.getReconsumeTimes() == 0) {
                return ConsumeConcurrentlyStatus.RECONSUME_LATER;
            }
            times.add(m.getReconsumeTimes());
            received.addAll(messages);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        List<String> ids = Context.sendMany(c.producer(), topic, "A", "p", 6);
        c.start(consumer);
        received.awaitAll(ids, 2 * Check.LONG_MS);
        Check.that(times.stream().allMatch(n -> n == 1), "reconsumeTimes " + times);
    }

    private static void requestReply(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 2);
        DefaultMQProducer replier = c.start(c.newProducer("_reply"));
        DefaultMQPushConsumer consumer = c.newPushConsumer(c.group());
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            for (MessageExt m : messages) {
                try {
                    byte[] body = ("reply to " + Received.idOf(m)).getBytes(StandardCharsets.UTF_8);
                    SendResult r = replier.send(MessageUtil.createReplyMessage(m, body));
                    Check.that(r.getMsgId() != null, "no id");
                } catch (Exception e) {
                    return ConsumeConcurrentlyStatus.RECONSUME_LATER;
                }
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        c.start(consumer);
        Context.awaitShared(Collections.singleton(consumer), topic, 2);
        DefaultMQProducer producer = c.producer();
        for (int i = 0; i < 10; i++) {
            Message reply = producer.request(Context.message(topic, "A", "r" + i), 20_000);
            Check.equal("reply to r" + i, new String(reply.getBody(), StandardCharsets.UTF_8), "reply");
        }
    }

    private static void sql92(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 2);
        Received received = new Received();
        DefaultMQPushConsumer consumer = c.newPushConsumer(c.group());
        consumer.subscribe(topic, MessageSelector.bySql("(n BETWEEN 10 AND 19 OR color IN ('red', 'blue')) AND extra IS NULL AND TAGS <> 'no'"));
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            received.addAll(messages);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        c.start(consumer);
        Context.awaitShared(Collections.singleton(consumer), topic, 2);
        DefaultMQProducer producer = c.producer();
        String[] colors = {"red", "green", "blue", "black"};
        Set<String> wanted = new HashSet<>();
        for (int i = 0; i < 64; i++) {
            Message m = Context.message(topic, i % 5 == 0 ? "no" : "yes", "s" + i);
            m.putUserProperty("n", "" + i);
            m.putUserProperty("color", colors[i % 4]);
            if (i % 7 == 0) {
                m.putUserProperty("extra", "x");
            }
            Context.sendOk(producer, m);
            if ((i >= 10 && i <= 19 || i % 4 == 0 || i % 4 == 2) && i % 7 != 0 && i % 5 != 0) {
                wanted.add("s" + i);
            }
        }
        received.awaitExactly(wanted, Check.LONG_MS);
    }
}
