package ogive.interop;

import java.io.BufferedWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;

/**
 * Sends without pause while the broker is being killed and restarted, and writes down every acknowledged message:
 * CrashProducer --namesrv H:P --topic T --acks FILE --stop-file FILE [--seconds N] [--threads N].
 * A line of the file: id, queue id, queue offset, message id. It is flushed line by line; errors of sends are counted and survived.
 */
public final class CrashProducer {
    private CrashProducer() {
    }

    static Map<String, String> options(String[] args) {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i + 1 < args.length; i += 2) {
            options.put(args[i], args[i + 1]);
        }
        return options;
    }

    public static void main(String[] args) throws Exception {
        Map<String, String> options = options(args);
        String topic = options.get("--topic");
        Path stop = Paths.get(options.get("--stop-file"));
        long deadline = System.currentTimeMillis() + 1000 * Long.parseLong(options.getOrDefault("--seconds", "600"));
        AtomicLong acknowledged = new AtomicLong();
        AtomicLong failed = new AtomicLong();
        try (Context c = new Context(options.get("--namesrv"), "crash_" + topic);
             BufferedWriter acks = Files.newBufferedWriter(Paths.get(options.get("--acks")), StandardCharsets.UTF_8)) {
            c.createTopic(topic, 4);
            DefaultMQProducer producer = c.newProducer("");
            producer.setSendMsgTimeout(3000);
            c.start(producer);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < Integer.parseInt(options.getOrDefault("--threads", "4")); i++) {
                int thread = i;
                threads.add(new Thread(() -> {
                    for (long n = 0; !Files.exists(stop) && System.currentTimeMillis() < deadline; n++) {
                        sendOne(producer, topic, thread + "-" + n, acks, acknowledged, failed);
                    }
                }));
                threads.get(i).start();
            }
            for (Thread t : threads) {
                t.join();
            }
        }
        System.out.println("acknowledged " + acknowledged + ", failed sends " + failed);
    }

    private static void sendOne(DefaultMQProducer producer, String topic, String id, BufferedWriter acks, AtomicLong acknowledged,
        AtomicLong failed) {
        try {
            SendResult r = producer.send(Context.message(topic, "A", id));
            if (r.getSendStatus() != SendStatus.SEND_OK) {
                failed.incrementAndGet();
                return;
            }
            synchronized (acks) {
                acks.write(id + " " + r.getMessageQueue().getQueueId() + " " + r.getQueueOffset() + " " + r.getMsgId() + "\n");
                acks.flush();
            }
            acknowledged.incrementAndGet();
        } catch (Exception e) {
            failed.incrementAndGet();
            try {
                Thread.sleep(50); // the broker is down: no need to spin
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
