package ogive.interop;

import java.io.BufferedWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * Clients of masters and slaves that are killed under them. The topic is there already. One of
 * ReplicaMain send --namesrv N --topic T --acks FILE --others FILE --stop-file FILE [--threads N] [--first-thread N] [--pause MS] [--delayed N]
 *   a line of --acks for each SEND_OK: id, broker, queue, offset; a line of --others for each other answer: status, broker, id, queue, offset
 * ReplicaMain consume --namesrv N --topic T --group G --out FILE
 *   a line for each message as it comes: id, broker, queue, offset; until it is killed
 * ReplicaMain read --namesrv N --topic T --acks FILE [--broker B]
 *   reads all queues (of one broker) from their masters; succeeds when each acknowledged message is at its place and each thread's
 *   acknowledged messages of a queue are in the order they were sent in (what no answer came for, and was sent again, may come at any time)
 */
@SuppressWarnings("deprecation")
public final class ReplicaMain {
    private ReplicaMain() {
    }

    public static void main(String[] args) throws Exception {
        Map<String, String> options = CrashProducer.options(Arrays.copyOfRange(args, 1, args.length));
        switch (args[0]) {
            case "send":
                send(options);
                break;
            case "consume":
                consume(options);
                break;
            case "read":
                System.exit(read(options) ? 0 : 1);
                break;
            default:
                throw new IllegalArgumentException(args[0]);
        }
    }

    private static void send(Map<String, String> options) throws Exception {
        String topic = options.get("--topic");
        Path stop = Paths.get(options.get("--stop-file"));
        long pauseMs = Long.parseLong(options.getOrDefault("--pause", "1")); // a steady stream, not a load test
        Map<String, AtomicLong> counts = new ConcurrentHashMap<>();
        try (Context c = new Context(options.get("--namesrv"), "replica_" + topic);
             BufferedWriter acks = Files.newBufferedWriter(Paths.get(options.get("--acks")), StandardCharsets.UTF_8);
             BufferedWriter others = Files.newBufferedWriter(Paths.get(options.get("--others")), StandardCharsets.UTF_8)) {
            DefaultMQProducer producer = c.newProducer("");
            producer.setSendMsgTimeout(5000);
            c.start(producer);
            for (int i = 0; i < Integer.parseInt(options.getOrDefault("--delayed", "0")); i++) {
                Message delayed = Context.message(topic, "D", "delayed-" + i);
                delayed.setDelayTimeLevel(1);
                producer.send(delayed);
            }
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < Integer.parseInt(options.getOrDefault("--threads", "4")); i++) {
                int thread = i + Integer.parseInt(options.getOrDefault("--first-thread", "0"));
                threads.add(new Thread(() -> {
                    for (long n = 0; !Files.exists(stop); n++) {
                        count(counts, sendOne(producer, topic, thread + "-" + n, acks, others, pauseMs));
                    }
                }));
                threads.get(i).start();
            }
            for (Thread t : threads) {
                t.join();
            }
        }
        System.out.println("sent " + counts);
    }

    private static void count(Map<String, AtomicLong> counts, String what) {
        counts.computeIfAbsent(what, key -> new AtomicLong()).incrementAndGet();
    }

    private static String sendOne(DefaultMQProducer producer, String topic, String id, BufferedWriter acks, BufferedWriter others, long pauseMs) {
        try {
            SendResult r = producer.send(Context.message(topic, "A", id));
            MessageQueue mq = r.getMessageQueue();
            boolean ok = r.getSendStatus() == SendStatus.SEND_OK;
            BufferedWriter to = ok ? acks : others;
            synchronized (to) {
                to.write((ok ? id + " " + mq.getBrokerName() : r.getSendStatus() + " " + mq.getBrokerName() + " " + id) + " " + mq.getQueueId()
                    + " " + r.getQueueOffset() + "\n");
                to.flush();
            }
            Thread.sleep(pauseMs);
            return r.getSendStatus().name();
        } catch (Exception e) {
            try {
                Thread.sleep(50);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
            return e.getClass().getSimpleName();
        }
    }

    private static void consume(Map<String, String> options) throws Exception {
        Path out = Paths.get(options.get("--out"));
        try (Context c = new Context(options.get("--namesrv"), "replica_" + options.get("--group"));
             BufferedWriter writer = Files.newBufferedWriter(out, StandardCharsets.UTF_8)) {
            DefaultMQPushConsumer consumer = c.newPushConsumer(options.get("--group"));
            consumer.setConsumeThreadMin(1);
            consumer.setConsumeThreadMax(1);
            consumer.subscribe(options.get("--topic"), "*");
            consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
                try {
                    for (MessageExt m : messages) {
                        writer.write(Received.idOf(m) + " " + context.getMessageQueue().getBrokerName() + " " + m.getQueueId() + " "
                            + m.getQueueOffset() + "\n");
                    }
                    writer.flush();
                    return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
                } catch (Exception e) {
                    return ConsumeConcurrentlyStatus.RECONSUME_LATER;
                }
            });
            c.start(consumer);
            Thread.sleep(3_600_000);
        }
    }

    private static boolean read(Map<String, String> options) throws Exception {
        String topic = options.get("--topic");
        String broker = options.get("--broker");
        Map<String, String> atPlace = new HashMap<>();
        Map<String, Long> last = new HashMap<>();
        int disorder = 0;
        List<String> acks = Files.readAllLines(Paths.get(options.get("--acks")), StandardCharsets.UTF_8);
        Set<String> places = new HashSet<>();
        acks.forEach(line -> places.add(line.substring(line.indexOf(' ') + 1)));
        try (Context c = new Context(options.get("--namesrv"), "read_" + topic)) {
            DefaultMQPullConsumer consumer = c.pullConsumer("R_" + topic);
            for (MessageQueue mq : consumer.fetchSubscribeMessageQueues(topic)) {
                if (broker != null && !broker.equals(mq.getBrokerName())) {
                    continue;
                }
                Received received = new Received();
                PullScenarios.readQueue(consumer, mq, received);
                for (MessageExt m : received.messages()) {
                    String id = Received.idOf(m);
                    String place = mq.getBrokerName() + " " + m.getQueueId() + " " + m.getQueueOffset();
                    atPlace.put(place, id);
                    if (!places.contains(place)) {
                        continue;
                    }
                    String[] part = id.split("-");
                    Long before = last.put(mq.getBrokerName() + " " + m.getQueueId() + " " + part[0], Long.parseLong(part[1]));
                    if (before != null && before > Long.parseLong(part[1])) {
                        disorder++;
                    }
                }
            }
        }
        int acknowledged = 0;
        int wrong = 0;
        for (String line : acks) {
            String[] part = line.split(" ");
            if (broker != null && !broker.equals(part[1])) {
                continue;
            }
            acknowledged++;
            String found = atPlace.get(part[1] + " " + part[2] + " " + part[3]);
            if (!part[0].equals(found) && wrong++ < 10) {
                System.out.println("acknowledged " + line + ": " + (found == null ? "nothing" : found) + " there");
            }
        }
        System.out.println("acknowledged " + acknowledged + ", stored " + atPlace.size() + ", lost or misplaced " + wrong + ", out of order "
            + disorder);
        return wrong == 0 && disorder == 0 && acknowledged > 0;
    }
}
