package ogive.interop;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendStatus;

/**
 * Clients that live through restarts of servers: RestartMain --namesrv H:P --topic T --commands FILE --consumer PROCESS_FILE.
 * One producer sends without pause and one consumer of this process receives; other processes of the group (ConsumerMain) append what
 * they get to files. The script that restarts the servers appends words to the command file: `calm` (from now on no send may fail),
 * `storm` (sends may fail), `stop`. At the end: every acknowledged message was received by somebody, nothing foreign, and a topic made
 * after the restarts works. Prints PASS or FAIL.
 */
public final class RestartMain {
    private final DefaultMQProducer producer;
    private final String topic;
    private final Path commands;
    private final Set<String> acknowledged = Collections.newSetFromMap(new ConcurrentHashMap<>());
    private final Set<String> attempted = Collections.newSetFromMap(new ConcurrentHashMap<>());
    private final AtomicLong failedInCalm = new AtomicLong();
    private final AtomicLong failedInStorm = new AtomicLong();
    private String firstFailure = "";

    private RestartMain(DefaultMQProducer producer, String topic, Path commands) {
        this.producer = producer;
        this.topic = topic;
        this.commands = commands;
    }

    private String lastCommand() throws Exception {
        List<String> lines = Files.readAllLines(commands, StandardCharsets.UTF_8);
        return lines.isEmpty() ? "calm" : lines.get(lines.size() - 1);
    }

    private void sendUntilStopped() throws Exception {
        long deadline = System.currentTimeMillis() + 600_000;
        for (long n = 0; System.currentTimeMillis() < deadline; n++) {
            String before = lastCommand();
            if (before.equals("stop")) {
                return;
            }
            String id = "r" + n;
            attempted.add(id);
            try {
                Check.equal(SendStatus.SEND_OK, producer.send(Context.message(topic, "A", id)).getSendStatus(), "send status");
                acknowledged.add(id);
            } catch (Exception e) {
                boolean storm = before.equals("storm") || lastCommand().equals("storm");
                (storm ? failedInStorm : failedInCalm).incrementAndGet();
                if (!storm && firstFailure.isEmpty()) {
                    firstFailure = e.toString();
                }
            }
            Thread.sleep(2);
        }
        throw new AssertionError("nobody said stop within 600 s");
    }

    private static Set<String> received(Received here, String[] files) throws Exception {
        Set<String> all = new HashSet<>();
        here.messages().forEach(m -> all.add(Received.idOf(m)));
        for (String file : files) {
            if (Files.exists(Paths.get(file))) {
                all.addAll(Files.readAllLines(Paths.get(file), StandardCharsets.UTF_8));
            }
        }
        return all;
    }

    public static void main(String[] args) throws Exception {
        Map<String, String> options = CrashProducer.options(args);
        String topic = options.get("--topic");
        String[] files = options.getOrDefault("--consumers", "").split(",");
        int status = 1;
        try (Context c = new Context(options.get("--namesrv"), "restart_" + topic)) {
            c.createTopic(topic, 6);
            Received received = new Received();
            DefaultMQPushConsumer consumer = PushScenarios.concurrentConsumer(c, "G_" + topic, topic, "*", received);
            c.start(consumer);
            DefaultMQProducer producer = c.newProducer("");
            producer.setSendMsgTimeout(3000);
            c.start(producer);
            RestartMain main = new RestartMain(producer, topic, Paths.get(options.get("--commands")));
            System.out.println("running");
            main.sendUntilStopped();
            Check.await("every acknowledged message received", 2 * Check.LONG_MS, () -> received(received, files).containsAll(main.acknowledged));
            Set<String> foreign = received(received, files);
            foreign.removeAll(main.attempted);
            Check.equal(Collections.emptySet(), foreign, "messages nobody sent");
            Check.equal(0L, main.failedInCalm.get(), "failed sends while nothing but a name server was away (" + main.firstFailure + ")");
            String fresh = c.createTopic(topic + "_fresh", 2);
            Received late = new Received();
            c.start(PushScenarios.concurrentConsumer(c, "G_" + fresh, fresh, "*", late));
            late.awaitExactly(Context.sendMany(producer, fresh, "A", "f", 20), Check.LONG_MS);
            System.out.println("acknowledged " + main.acknowledged.size() + ", failed sends during broker restarts " + main.failedInStorm
                + ", received here " + received.messages().size());
            System.out.println("PASS restart");
            status = 0;
        } catch (Throwable e) {
            System.out.println("FAIL restart " + e);
        }
        System.exit(status);
    }

    static void append(Path file, String id) throws Exception {
        Files.write(file, (id + "\n").getBytes(StandardCharsets.UTF_8), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
