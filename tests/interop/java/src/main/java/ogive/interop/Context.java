package ogive.interop;

import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.ClientConfig;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * What a scenario works with: names of its own, clients that are closed when it ends, topics.
 * Every client gets its own instance name, so that several consumers of one group in this process are several clients to the server.
 */
@SuppressWarnings("deprecation")
public final class Context implements AutoCloseable {
    private static final AtomicInteger INSTANCES = new AtomicInteger();

    public final String namesrv;
    /** Unique over runs against one server. */
    public final String name;
    private final Deque<Runnable> closers = new ArrayDeque<>();
    private DefaultMQProducer creator;

    public Context(String namesrv, String name) {
        this.namesrv = namesrv;
        this.name = name;
    }

    public String topic() {
        return "T_" + name;
    }

    public String group() {
        return "G_" + name;
    }

    public <T extends ClientConfig> T configure(T client) {
        client.setNamesrvAddr(namesrv);
        client.setInstanceName("interop" + INSTANCES.incrementAndGet());
        // Routes of topics made a moment ago (retry topics among them) are then found in a second instead of half a minute.
        client.setPollNameServerInterval(1000);
        client.setHeartbeatBrokerInterval(5000);
        return client;
    }

    public void onClose(Runnable closer) {
        synchronized (closers) {
            closers.push(closer);
        }
    }

    public DefaultMQProducer newProducer(String suffix) {
        DefaultMQProducer producer = configure(new DefaultMQProducer("P_" + name + suffix));
        producer.setSendMsgTimeout(10_000);
        return producer;
    }

    public DefaultMQProducer producer() throws Exception {
        return start(newProducer(""));
    }

    public DefaultMQProducer start(DefaultMQProducer producer) throws Exception {
        producer.start();
        onClose(producer::shutdown);
        return producer;
    }

    /** A push consumer that is not started yet: from the first offset, one message a call. */
    public DefaultMQPushConsumer newPushConsumer(String group) {
        DefaultMQPushConsumer consumer = configure(new DefaultMQPushConsumer(group));
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setConsumeThreadMin(2);
        consumer.setConsumeThreadMax(4);
        return consumer;
    }

    /** A consumer of this scenario's group that takes whatever the topic has. */
    public DefaultMQPushConsumer newReceiver(String topic, Received received) throws Exception {
        DefaultMQPushConsumer consumer = newPushConsumer(group());
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            received.addAll(messages);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        return consumer;
    }

    public DefaultMQPushConsumer start(DefaultMQPushConsumer consumer) throws Exception {
        consumer.start();
        onClose(consumer::shutdown);
        return consumer;
    }

    public DefaultLitePullConsumer newLitePullConsumer(String group) {
        DefaultLitePullConsumer consumer = configure(new DefaultLitePullConsumer(group));
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        return consumer;
    }

    public DefaultLitePullConsumer start(DefaultLitePullConsumer consumer) throws Exception {
        consumer.start();
        onClose(consumer::shutdown);
        return consumer;
    }

    public DefaultMQPullConsumer pullConsumer(String group) throws Exception {
        DefaultMQPullConsumer consumer = configure(new DefaultMQPullConsumer(group));
        consumer.start();
        onClose(consumer::shutdown);
        return consumer;
    }

    /** Creates the topic through the client's own admin call and waits until the name server knows its queues. */
    public String createTopic(String topic, int queues) throws Exception {
        if (creator == null) {
            creator = start(newProducer("_creator"));
        }
        createTopicBy(creator, topic, queues);
        Check.await("route of topic " + topic, Check.LONG_MS, () -> creator.fetchPublishMessageQueues(topic).size() == queues);
        return topic;
    }

    // 4.9 has createTopic(key, topic, queues), 5.x one more parameter (attributes).
    private static void createTopicBy(DefaultMQProducer producer, String topic, int queues) throws Exception {
        for (Method m : DefaultMQProducer.class.getMethods()) {
            if (!m.getName().equals("createTopic")) {
                continue;
            }
            Class<?>[] types = m.getParameterTypes();
            if (types.length == 3) {
                m.invoke(producer, "TBW102", topic, queues);
                return;
            }
            if (types.length == 4 && types[3] == Map.class) {
                m.invoke(producer, "TBW102", topic, queues, Collections.emptyMap());
                return;
            }
        }
        throw new IllegalStateException("this client has no createTopic");
    }

    /** MessageModel moved between packages from 4.9 to 5.x. */
    public static void setBroadcasting(DefaultMQPushConsumer consumer) throws Exception {
        for (Method m : DefaultMQPushConsumer.class.getMethods()) {
            if (m.getName().equals("setMessageModel")) {
                for (Object model : m.getParameterTypes()[0].getEnumConstants()) {
                    if (model.toString().equals("BROADCASTING")) {
                        m.invoke(consumer, model);
                        return;
                    }
                }
            }
        }
        throw new IllegalStateException("this client has no setMessageModel");
    }

    public static Message message(String topic, String tag, String id) {
        return new Message(topic, tag, id.getBytes(StandardCharsets.UTF_8));
    }

    public static SendResult sendOk(DefaultMQProducer producer, Message message) throws Exception {
        SendResult result = producer.send(message);
        Check.equal(SendStatus.SEND_OK, result.getSendStatus(), "send status");
        return result;
    }

    /** Sends `count` messages with ids prefix0, prefix1, ... round robin; returns the ids. */
    public static List<String> sendMany(DefaultMQProducer producer, String topic, String tag, String prefix, int count) throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sendOk(producer, message(topic, tag, prefix + i));
            ids.add(prefix + i);
        }
        return ids;
    }

    /** The queues of `topic` that this consumer works on now. */
    public static Set<MessageQueue> assigned(DefaultMQPushConsumer consumer, String topic) {
        Set<MessageQueue> mine = new HashSet<>();
        for (MessageQueue mq : consumer.getDefaultMQPushConsumerImpl().getRebalanceImpl().getProcessQueueTable().keySet()) {
            if (mq.getTopic().equals(topic)) {
                mine.add(mq);
            }
        }
        return mine;
    }

    /** Waits until the consumers share all queues: each queue with exactly one of them, each consumer with `each` queues. */
    public static void awaitShared(Collection<DefaultMQPushConsumer> consumers, String topic, int each) throws InterruptedException {
        Check.await("queues of " + topic + " shared " + each + " each among " + consumers.size() + " consumers", Check.LONG_MS, () -> {
            Set<MessageQueue> all = new HashSet<>();
            int sum = 0;
            for (DefaultMQPushConsumer consumer : consumers) {
                Set<MessageQueue> mine = assigned(consumer, topic);
                if (mine.size() != each) {
                    return false;
                }
                sum += mine.size();
                all.addAll(mine);
            }
            return all.size() == sum;
        });
    }

    @Override
    public void close() {
        while (true) {
            Runnable closer;
            synchronized (closers) {
                if (closers.isEmpty()) {
                    return;
                }
                closer = closers.pop();
            }
            try {
                closer.run();
            } catch (RuntimeException e) {
                System.err.println("closing a client of " + name + ": " + e);
            }
        }
    }
}
