package ogive.interop;

import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Map;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * One member of a consumer group in a process of its own, to be killed: ConsumerMain --namesrv H:P --topic T --out FILE.
 * Appends each id to the file before it acknowledges it.
 */
public final class ConsumerMain {
    private ConsumerMain() {
    }

    public static void main(String[] args) throws Exception {
        Map<String, String> options = CrashProducer.options(args);
        String topic = options.get("--topic");
        Path out = Paths.get(options.get("--out"));
        try (Context c = new Context(options.get("--namesrv"), "member_" + topic)) {
            DefaultMQPushConsumer consumer = c.newPushConsumer("G_" + topic);
            consumer.setInstanceName("member" + ProcessId.get());
            consumer.subscribe(topic, "*");
            consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
                try {
                    for (MessageExt m : messages) {
                        RestartMain.append(out, Received.idOf(m));
                    }
                    return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
                } catch (Exception e) {
                    return ConsumeConcurrentlyStatus.RECONSUME_LATER;
                }
            });
            c.start(consumer);
            Thread.sleep(600_000);
        }
    }

    private static final class ProcessId {
        static String get() {
            return java.lang.management.ManagementFactory.getRuntimeMXBean().getName().replaceAll("@.*", "");
        }
    }
}
