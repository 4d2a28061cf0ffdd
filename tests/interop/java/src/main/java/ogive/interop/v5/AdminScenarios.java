package ogive.interop.v5;

import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import ogive.interop.Check;
import ogive.interop.Context;
import ogive.interop.Received;
import ogive.interop.Scenario;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.impl.factory.MQClientInstance;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.protocol.admin.ConsumeStats;
import org.apache.rocketmq.remoting.protocol.body.ClusterInfo;
import org.apache.rocketmq.remoting.protocol.body.Connection;
import org.apache.rocketmq.remoting.protocol.body.ConsumerConnection;
import org.apache.rocketmq.remoting.protocol.body.ConsumerRunningInfo;
import org.apache.rocketmq.remoting.protocol.filter.FilterAPI;
import org.apache.rocketmq.remoting.protocol.heartbeat.SubscriptionData;
import org.apache.rocketmq.remoting.protocol.route.QueueData;
import org.apache.rocketmq.remoting.protocol.route.TopicRouteData;
import org.apache.rocketmq.remoting.protocol.subscription.SubscriptionGroupConfig;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;

/** What the official admin client asks; needs classes of the 5.x client. */
public final class AdminScenarios {
    private AdminScenarios() {
    }

    public static void addTo(Map<String, Scenario> all) {
        all.put("admin-cluster", AdminScenarios::cluster);
        all.put("admin-topic-create-update-delete", AdminScenarios::topic);
        all.put("admin-topic-permissions", AdminScenarios::permissions);
        all.put("admin-subscription-group", AdminScenarios::group);
        all.put("admin-two-producer-groups", AdminScenarios::twoProducerGroups);
        all.put("admin-consumer-connection-stats", AdminScenarios::consumer);
        all.put("check-client-config-tag", AdminScenarios::checkClient);
    }

    static DefaultMQAdminExt admin(Context c) throws Exception {
        DefaultMQAdminExt admin = c.configure(new DefaultMQAdminExt(10_000));
        admin.setAdminExtGroup("admin_" + c.name);
        admin.start();
        c.onClose(admin::shutdown);
        return admin;
    }

    static String brokerAddr(DefaultMQAdminExt admin) throws Exception {
        return admin.examineBrokerClusterInfo().getBrokerAddrTable().values().iterator().next().selectBrokerAddr();
    }

    private static void cluster(Context c) throws Exception {
        DefaultMQAdminExt admin = admin(c);
        ClusterInfo info = admin.examineBrokerClusterInfo();
        Check.equal(1, info.getBrokerAddrTable().size(), "brokers");
        Check.equal(Collections.singleton("broker-a"), info.getClusterAddrTable().get("InteropCluster"), "brokers of the cluster");
        Check.equal(Collections.singletonMap(0L, brokerAddr(admin)), info.getBrokerAddrTable().get("broker-a").getBrokerAddrs(), "addresses");
        Map<String, String> runtime = admin.fetchBrokerRuntimeStats(brokerAddr(admin)).getTable();
        for (String key : new String[] {"brokerVersionDesc", "brokerActive", "msgPutTotalTodayNow", "putTps", "bootTimestamp",
            "commitLogMaxOffset", "commitLogMinOffset", "runtime"}) {
            Check.that(runtime.containsKey(key), "runtime info has no " + key + ", only " + runtime.keySet());
        }
        Check.equal("broker-a", admin.getBrokerConfig(brokerAddr(admin)).getProperty("brokerName"), "brokerName of the configuration");
    }

    private static void topic(Context c) throws Exception {
        DefaultMQAdminExt admin = admin(c);
        String addr = brokerAddr(admin);
        TopicConfig config = new TopicConfig(c.topic(), 5, 3, 6);
        admin.createAndUpdateTopicConfig(addr, config);
        Check.await("route with 5 read and 3 write queues", Check.LONG_MS, () -> {
            QueueData queues = admin.examineTopicRouteInfo(c.topic()).getQueueDatas().get(0);
            return queues.getReadQueueNums() == 5 && queues.getWriteQueueNums() == 3 && queues.getPerm() == 6;
        });
        TopicRouteData route = admin.examineTopicRouteInfo(c.topic());
        Check.equal("broker-a", route.getBrokerDatas().get(0).getBrokerName(), "broker of the route");
        TopicConfig got = admin.examineTopicConfig(addr, c.topic());
        Check.equal(5, got.getReadQueueNums(), "read queues");
        Check.equal(3, got.getWriteQueueNums(), "write queues");
        Check.that(admin.fetchAllTopicList().getTopicList().contains(c.topic()), "topic not in the list");

        DefaultMQProducer producer = c.producer();
        Check.equal(3, producer.fetchPublishMessageQueues(c.topic()).size(), "queues to publish to");
        Context.sendMany(producer, c.topic(), "A", "m", 9);
        long stored = 0;
        for (Map.Entry<MessageQueue, ?> e : admin.examineTopicStats(c.topic()).getOffsetTable().entrySet()) {
            stored += producer.maxOffset(e.getKey());
        }
        Check.equal(9L, stored, "messages by topic stats");
        Check.equal(5, admin.examineTopicStats(c.topic()).getOffsetTable().size(), "queues in topic stats");

        admin.deleteTopicInBroker(Collections.singleton(addr), c.topic());
        admin.deleteTopicInNameServer(new HashSet<>(Collections.singletonList(c.namesrv)), c.topic());
        Check.that(!admin.fetchAllTopicList().getTopicList().contains(c.topic()), "deleted topic still in the list");
        try {
            admin.examineTopicRouteInfo(c.topic());
            throw new AssertionError("deleted topic still has a route");
        } catch (MQClientException e) {
            Check.equal(17, e.getResponseCode(), "code for a topic without route");
        }
    }

    /**
     * A topic without write permission offers producers no queue. The Java server enforces this through the route only: a send straight to
     * the queue is still stored (its check looks at the broker's permission, not at the topic's), so such a send is not judged here.
     */
    private static void permissions(Context c) throws Exception {
        DefaultMQAdminExt admin = admin(c);
        String addr = brokerAddr(admin);
        admin.createAndUpdateTopicConfig(addr, new TopicConfig(c.topic(), 1, 1, 6));
        DefaultMQProducer producer = c.producer();
        Check.await("route", Check.LONG_MS, () -> producer.fetchPublishMessageQueues(c.topic()).size() == 1);
        Context.sendMany(producer, c.topic(), "A", "m", 1);
        admin.createAndUpdateTopicConfig(addr, new TopicConfig(c.topic(), 1, 1, 4));
        Check.await("route shows read-only", Check.LONG_MS, () -> admin.examineTopicRouteInfo(c.topic()).getQueueDatas().get(0).getPerm() == 4);
        try {
            DefaultMQProducer fresh = c.start(c.newProducer("_fresh"));
            SendResult r = fresh.send(Context.message(c.topic(), "A", "refused"));
            throw new AssertionError("sent to a topic that is read-only: " + r);
        } catch (MQClientException e) {
            Check.that(e.getMessage().contains("No route info"), "error of a send to a read-only topic: " + e);
        }
        DefaultMQPullConsumer reader = c.pullConsumer(c.group());
        Check.equal(1, reader.fetchSubscribeMessageQueues(c.topic()).size(), "queues to read");
    }

    private static void group(Context c) throws Exception {
        DefaultMQAdminExt admin = admin(c);
        String addr = brokerAddr(admin);
        SubscriptionGroupConfig config = new SubscriptionGroupConfig();
        config.setGroupName(c.group());
        config.setRetryMaxTimes(3);
        config.setConsumeBroadcastEnable(false);
        admin.createAndUpdateSubscriptionGroupConfig(addr, config);
        SubscriptionGroupConfig got = admin.examineSubscriptionGroupConfig(addr, c.group());
        Check.equal(3, got.getRetryMaxTimes(), "retryMaxTimes");
        Check.equal(false, got.isConsumeBroadcastEnable(), "consumeBroadcastEnable");
        Check.equal(true, got.isConsumeEnable(), "consumeEnable");
        admin.deleteSubscriptionGroup(addr, c.group(), true);
        Check.that(!admin.getAllSubscriptionGroup(addr, 5000).getSubscriptionGroupTable().containsKey(c.group()), "deleted group is still there");
    }

    /** Two producer groups in one client (one heartbeat): both are known with that client's id; one leaves, the other stays. */
    private static void twoProducerGroups(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 1);
        DefaultMQAdminExt admin = admin(c);
        DefaultMQProducer one = c.newProducer("_one");
        DefaultMQProducer two = c.newProducer("_two");
        two.setInstanceName(one.getInstanceName());
        c.start(one);
        c.start(two);
        Context.sendMany(one, topic, "A", "a", 1);
        Context.sendMany(two, topic, "A", "b", 1);
        one.getDefaultMQProducerImpl().getMqClientFactory().sendHeartbeatToAllBrokerWithLock();
        String id = one.buildMQClientId();
        Check.equal(id, two.buildMQClientId(), "client ids");
        for (DefaultMQProducer producer : new DefaultMQProducer[] {one, two}) {
            Set<Connection> connections = admin.examineProducerConnectionInfo(producer.getProducerGroup(), topic).getConnectionSet();
            Check.equal(1, connections.size(), "connections of " + producer.getProducerGroup());
            Check.equal(id, connections.iterator().next().getClientId(), "client id");
        }
        one.shutdown();
        Check.await("first producer group gone", Check.LONG_MS, () -> {
            try {
                return admin.examineProducerConnectionInfo(one.getProducerGroup(), topic).getConnectionSet().isEmpty();
            } catch (MQBrokerException e) {
                return true;
            }
        });
        Check.equal(1, admin.examineProducerConnectionInfo(two.getProducerGroup(), topic).getConnectionSet().size(), "second group's connections");
    }

    private static void consumer(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 2);
        DefaultMQAdminExt admin = admin(c);
        Received received = new Received();
        DefaultMQPushConsumer consumer = c.newPushConsumer(c.group());
        consumer.subscribe(topic, "A || B");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            received.addAll(messages);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        c.start(consumer);
        List<String> ids = Context.sendMany(c.producer(), topic, "A", "m", 20);
        received.awaitExactly(ids, Check.LONG_MS);

        ConsumerConnection connection = admin.examineConsumerConnectionInfo(c.group());
        Check.equal(1, connection.getConnectionSet().size(), "connections");
        Check.equal(consumer.buildMQClientId(), connection.getConnectionSet().iterator().next().getClientId(), "client id");
        SubscriptionData subscription = connection.getSubscriptionTable().get(topic);
        Check.that(subscription != null, "no subscription of " + topic + ": " + connection.getSubscriptionTable());
        Check.equal("A || B", subscription.getSubString(), "subscription");
        Check.equal("CONSUME_PASSIVELY", connection.getConsumeType().name(), "consume type");

        // Asks the consumer through the broker (request 307 forwarded).
        ConsumerRunningInfo running = admin.getConsumerRunningInfo(c.group(), consumer.buildMQClientId(), false);
        Check.equal(2L, running.getMqTable().keySet().stream().filter(mq -> mq.getTopic().equals(topic)).count(), "queues in running info");

        consumer.getDefaultMQPushConsumerImpl().persistConsumerOffset();
        Check.await("no lag", Check.LONG_MS, () -> {
            ConsumeStats stats = admin.examineConsumeStats(c.group(), topic);
            return stats.getOffsetTable().size() == 2 && stats.computeTotalDiff() == 0;
        });
    }

    /** CHECK_CLIENT_CONFIG with a tag expression: the client sends it only for others, so it is called directly. */
    private static void checkClient(Context c) throws Exception {
        String topic = c.createTopic(c.topic(), 1);
        DefaultMQPushConsumer consumer = c.newPushConsumer(c.group());
        consumer.subscribe(topic, "TagA");
        consumer.registerMessageListener((MessageListenerConcurrently) (m, x) -> ConsumeConcurrentlyStatus.CONSUME_SUCCESS);
        c.start(consumer);
        MQClientInstance client = consumer.getDefaultMQPushConsumerImpl().getmQClientFactory();
        client.getMQClientAPIImpl().checkClientInBroker(brokerAddr(admin(c)), c.group(), client.getClientId(),
            FilterAPI.buildSubscriptionData(topic, "TagA"), 10_000);
    }
}
