package ogive.interop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** Questions about offsets and times. */
@SuppressWarnings("deprecation")
final class OffsetScenarios {
    private OffsetScenarios() {
    }

    static void addTo(Map<String, Scenario> all) {
        all.put("offsets-min-max-empty", OffsetScenarios::emptyQueue);
        all.put("offsets-min-max-times", OffsetScenarios::minMax);
        all.put("offsets-search-by-time", OffsetScenarios::search);
    }

    private static void emptyQueue(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 2);
        DefaultMQProducer producer = c.producer();
        for (MessageQueue mq : producer.fetchPublishMessageQueues(topic)) {
            Check.equal(0L, producer.minOffset(mq), "min offset of " + mq);
            Check.equal(0L, producer.maxOffset(mq), "max offset of " + mq);
            // The Java server answers 0 here for an empty queue.
            Check.equal(0L, producer.searchOffset(mq, System.currentTimeMillis()), "offset by time of " + mq);
        }
    }

    private static List<MessageExt> sendSpread(Context c, String topic, int count) throws Exception {
        DefaultMQProducer producer = c.producer();
        MessageQueue mq = producer.fetchPublishMessageQueues(topic).get(0);
        for (int i = 0; i < count; i++) {
            producer.send(Context.message(topic, "A", "t" + i), mq);
            long now = System.currentTimeMillis();
            while (System.currentTimeMillis() < now + 3) {
                Thread.sleep(1); // makes store times differ
            }
        }
        List<MessageExt> stored = new ArrayList<>(PullScenarios.readAll(c, topic).messages());
        stored.sort((a, b) -> Long.compare(a.getQueueOffset(), b.getQueueOffset()));
        Check.equal(count, stored.size(), "messages stored");
        return stored;
    }

    private static void minMax(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 1);
        List<MessageExt> stored = sendSpread(c, topic, 20);
        DefaultMQPullConsumer consumer = c.pullConsumer(c.group());
        MessageQueue mq = consumer.fetchSubscribeMessageQueues(topic).iterator().next();
        Check.equal(0L, consumer.minOffset(mq), "min offset");
        Check.equal(20L, consumer.maxOffset(mq), "max offset");
        Check.equal(stored.get(0).getStoreTimestamp(), consumer.earliestMsgStoreTime(mq), "earliest store time");
    }

    private static void search(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 1);
        List<MessageExt> stored = sendSpread(c, topic, 40);
        DefaultMQPullConsumer consumer = c.pullConsumer(c.group());
        MessageQueue mq = consumer.fetchSubscribeMessageQueues(topic).iterator().next();
        for (MessageExt m : stored) {
            long first = m.getQueueOffset();
            while (first > 0 && stored.get((int) first - 1).getStoreTimestamp() == m.getStoreTimestamp()) {
                first--;
            }
            Check.equal(first, consumer.searchOffset(mq, m.getStoreTimestamp()), "offset at the store time of message " + m.getQueueOffset());
        }
        Check.equal(0L, consumer.searchOffset(mq, stored.get(0).getStoreTimestamp() - 1000), "offset before the first message");
        long between = stored.get(19).getStoreTimestamp() + 1;
        if (between < stored.get(20).getStoreTimestamp()) {
            Check.equal(20L, consumer.searchOffset(mq, between), "offset between messages 19 and 20");
        }
        long after = consumer.searchOffset(mq, stored.get(39).getStoreTimestamp() + 1000);
        Check.equal(40L, after, "offset after the last message");
    }
}
