package ogive.interop;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * Reads every queue of the topic from its beginning and looks for each message that CrashProducer saw acknowledged, at exactly its queue and
 * offset: CrashVerifier --namesrv H:P --topic T --acks FILE. Prints PASS or FAIL. A message stored twice is reported, not a failure: the client
 * sends again when an answer is lost.
 */
@SuppressWarnings("deprecation")
public final class CrashVerifier {
    private CrashVerifier() {
    }

    public static void main(String[] args) throws Exception {
        Map<String, String> options = CrashProducer.options(args);
        String topic = options.get("--topic");
        Map<String, String> atPlace = new HashMap<>();
        Map<String, Integer> copies = new HashMap<>();
        try (Context c = new Context(options.get("--namesrv"), "verify_" + topic)) {
            DefaultMQPullConsumer consumer = c.pullConsumer("G_" + topic);
            for (MessageQueue mq : consumer.fetchSubscribeMessageQueues(topic)) {
                Check.equal(0L, consumer.minOffset(mq), "min offset of " + mq);
                Received received = new Received();
                PullScenarios.readQueue(consumer, mq, received);
                for (MessageExt m : received.messages()) {
                    atPlace.put(m.getQueueId() + " " + m.getQueueOffset(), Received.idOf(m) + " " + m.getMsgId());
                    copies.merge(Received.idOf(m), 1, Integer::sum);
                }
            }
        }
        List<String> acks = Files.readAllLines(Paths.get(options.get("--acks")), StandardCharsets.UTF_8);
        Set<String> acknowledged = new HashSet<>();
        int wrong = 0;
        for (String line : acks) {
            String[] part = line.split(" ");
            acknowledged.add(part[0]);
            String found = atPlace.get(part[1] + " " + part[2]);
            if (!(part[0] + " " + part[3]).equals(found)) {
                if (wrong++ < 10) {
                    System.out.println("acknowledged " + line + (found == null ? ": nothing there" : ": " + found + " there")
                        + (copies.containsKey(part[0]) ? ", stored elsewhere" : ", not stored anywhere"));
                }
            }
        }
        long twice = copies.values().stream().filter(n -> n > 1).count();
        long unacknowledged = copies.keySet().stream().filter(id -> !acknowledged.contains(id)).count();
        System.out.println("acknowledged " + acks.size() + ", stored " + atPlace.size() + ", lost or misplaced " + wrong + ", stored more than once "
            + twice + ", stored without acknowledgement " + unacknowledged);
        boolean ok = wrong == 0 && !acks.isEmpty();
        System.out.println(ok ? "PASS crash" : "FAIL crash " + wrong + " acknowledged messages are not where they were said to be");
        System.exit(ok ? 0 : 1);
    }
}
