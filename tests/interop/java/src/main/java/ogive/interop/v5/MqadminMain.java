package ogive.interop.v5;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import ogive.interop.Check;
import ogive.interop.Context;
import ogive.interop.Received;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;
import org.apache.rocketmq.tools.command.MQAdminStartup;

/**
 * Runs the official mqadmin's commands, one after another in this process, against a server with a known little content, and writes
 * what they print, with everything that varies from run to run masked: MqadminMain --namesrv H:P --commands FILE --out DIRECTORY.
 * A line of the command file: name, options for the masking (`sort`, `numbers`, `keys`, or `-`), arguments.
 * Needs -Djava.security.manager=allow: mqadmin calls System.exit.
 */
@SuppressWarnings({"deprecation", "removal"})
public final class MqadminMain {
    private static final String TOPIC = "AdmSeed";
    private static final String GROUP = "AdmGroup";
    /** Status of the last System.exit; mqadmin catches the exception that stands in for it. */
    private static volatile int exitStatus;
    private final Map<String, String> variables = new HashMap<>();

    private static final class Exit extends SecurityException {
        private static final long serialVersionUID = 1;
    }

    private static void trapExit() {
        System.setSecurityManager(new SecurityManager() {
            @Override
            public void checkExit(int status) {
                exitStatus = status & 0xFF;
                throw new Exit();
            }

            @Override
            public void checkPermission(java.security.Permission permission) {
                // Everything else is allowed.
            }
        });
    }

    /** Ten messages in two queues, consumed and acknowledged by a live group; one producer stays connected. */
    private void seed(Context c) throws Exception {
        DefaultMQAdminExt admin = AdminScenarios.admin(c);
        Check.await("a broker", Check.LONG_MS, () -> !AdminScenarios.brokerAddr(admin).isEmpty());
        variables.put("BROKER", AdminScenarios.brokerAddr(admin));
        c.createTopic(TOPIC, 2);
        DefaultMQProducer producer = c.configure(new DefaultMQProducer("AdmProducer"));
        producer.setInstanceName("admProducer");
        c.start(producer);
        Received received = new Received();
        DefaultMQPushConsumer consumer = c.newPushConsumer(GROUP);
        consumer.setInstanceName("admConsumer");
        consumer.subscribe(TOPIC, "TagA || TagB");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            received.addAll(messages);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        c.start(consumer);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Message m = new Message(TOPIC, i % 2 == 0 ? "TagA" : "TagB", "key" + i, ("m" + i).getBytes(StandardCharsets.UTF_8));
            SendResult r = producer.send(m, new MessageQueue(TOPIC, "broker-a", i % 2));
            variables.put("OFFSET_ID" + i, r.getOffsetMsgId());
            ids.add("m" + i);
        }
        received.awaitExactly(ids, Check.LONG_MS);
        Check.await("offsets committed", Check.LONG_MS, () -> {
            consumer.getDefaultMQPushConsumerImpl().persistConsumerOffset();
            return admin.examineConsumeStats(GROUP).getOffsetTable().size() == 3 && admin.examineConsumeStats(GROUP).computeTotalDiff() == 0;
        });
    }

    private String substitute(String word) {
        for (Map.Entry<String, String> e : variables.entrySet()) {
            word = word.replace("$" + e.getKey(), e.getValue());
        }
        return word;
    }

    private static String run(String[] args) throws Exception {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        PrintStream caught = new PrintStream(both, true, "UTF-8");
        ExecutorService one = Executors.newSingleThreadExecutor(r -> {
            Thread t = new Thread(r);
            t.setDaemon(true);
            return t;
        });
        String status = "";
        exitStatus = 0;
        System.setOut(caught);
        System.setErr(caught);
        Future<?> done = one.submit(() -> MQAdminStartup.main0(args, null));
        try {
            done.get(60, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            status = "did not return within 60 s";
            done.cancel(true);
        } catch (java.util.concurrent.ExecutionException e) {
            status = e.getCause() instanceof Exit ? "" : e.getCause().toString();
        } finally {
            System.setOut(out);
            System.setErr(err);
            one.shutdownNow();
        }
        return "exit " + (status.isEmpty() ? exitStatus : status) + "\n" + both.toString("UTF-8");
    }

    private String mask(String text, String options) {
        StringBuilder kept = new StringBuilder();
        for (String line : text.split("\n")) {
            // Log libraries complain on stderr; stack traces hold line numbers of the tool.
            if (!line.matches("^(SLF4J|log4j|RocketMQLog|WARNING|OpenJDK|\\s+at |\\s*\\.\\.\\. \\d+ more|.*MqadminMain.Exit).*")) {
                kept.append(line).append('\n');
            }
        }
        text = kept.toString().replace(variables.get("BROKER"), "BROKER").replace(variables.get("NAMESRV"), "NAMESRV");
        text = text.replaceAll("storeHost=/BROKER", "storeHost=/127.0.0.1:PORT").replaceAll("[0-9A-F]{32,58}", "ID");
        text = text.replaceAll("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(,\\d{3})?", "TIME").replaceAll("\\b1[6-9]\\d{11}\\b", "MILLIS");
        text = text.replaceAll("127\\.0\\.0\\.1:\\d+", "127.0.0.1:PORT").replaceAll("[0-9a-f.:]+@adm", "CLIENT@adm");
        text = text.replaceAll("(commitLogOffset=|CommitLog Offset:\\s+)\\d+", "$1PLACE").replaceAll("TPS: \\d+\\.\\d+", "TPS: N");
        text = text.replaceAll("commitLogDiskRatio_[^\\s:]+", "commitLogDiskRatio_PATH");
        if (options.contains("numbers")) {
            text = text.replaceAll("\\d+(\\.\\d+)?", "N");
        }
        text = text.replaceAll("[ \\t]+(?=\n)", "").replaceAll(" {2,}", "  ");
        List<String> lines = new ArrayList<>(Arrays.asList(text.split("\n")));
        if (options.contains("keys")) {
            lines.replaceAll(line -> line.replaceAll("\\s*[:=].*", ""));
        }
        if (options.contains("sort")) {
            lines.subList(1, lines.size()).sort(null);
        }
        return String.join("\n", lines) + "\n";
    }

    public static void main(String[] args) throws Exception {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i + 1 < args.length; i += 2) {
            given.put(args[i], args[i + 1]);
        }
        MqadminMain main = new MqadminMain();
        main.variables.put("NAMESRV", given.get("--namesrv"));
        System.setProperty("rocketmq.namesrv.addr", given.get("--namesrv"));
        Path out = Paths.get(given.get("--out"));
        Files.createDirectories(out);
        int status = 0;
        Context c = new Context(given.get("--namesrv"), "mqadmin");
        main.seed(c);
        trapExit();
        try {
            for (String line : Files.readAllLines(Paths.get(given.get("--commands")), StandardCharsets.UTF_8)) {
                if (line.isEmpty() || line.startsWith("#")) {
                    continue;
                }
                String[] words = main.substitute(line).trim().split("\\s+");
                String text = run(Arrays.copyOfRange(words, 2, words.length));
                Files.write(out.resolve(words[0] + ".txt"), main.mask(text, words[1]).getBytes(StandardCharsets.UTF_8));
            }
        } catch (Exception e) {
            e.printStackTrace();
            status = 1;
        }
        System.setSecurityManager(null); // It would trap this exit as well.
        Runtime.getRuntime().halt(status);
    }
}
