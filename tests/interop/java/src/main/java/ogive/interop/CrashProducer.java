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
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageClientIDSetter;

/**
 * Sends without pause while the broker is being killed and restarted, and writes down every acknowledged message:
 * CrashProducer --namesrv H:P --topic T --acks FILE --stop-file FILE [--seconds N] [--threads N] [--batch N] [--prefix P].
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
        int batch = Integer.parseInt(options.getOrDefault("--batch", "1"));
        String prefix = options.getOrDefault("--prefix", "");
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
                        send(producer, topic, prefix + thread + "-" + n, batch, acks, acknowledged, failed);
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

    /** Sends one message, or that many at once; in a batch the offsets follow the first one's. */
    private static void send(DefaultMQProducer producer, String topic, String id, int batch, BufferedWriter acks, AtomicLong acknowledged,
        AtomicLong failed) {
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < batch; i++) {
            messages.add(Context.message(topic, "A", batch == 1 ? id : id + "-" + i));
        }
        try {
            SendResult r = batch == 1 ? producer.send(messages.get(0)) : producer.send(messages);
            if (r.getSendStatus() != SendStatus.SEND_OK) {
                failed.incrementAndGet();
                return;
            }
            synchronized (acks) {
                for (int i = 0; i < batch; i++) {
                    String name = batch == 1 ? r.getMsgId() : MessageClientIDSetter.getUniqID(messages.get(i));
                    acks.write(new String(messages.get(i).getBody(), StandardCharsets.UTF_8) + " " + r.getMessageQueue().getQueueId() + " " + (r.getQueueOffset() + i) + " " + name
                        + "\n");
                }
                acks.flush();
            }
            acknowledged.addAndGet(batch);
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
