// A load of Apache RocketMQ's own Java client, for bench/compare: java -cp 'LIB/*' bench/OfficialLoad.java TASK key=value...
//
// TASK: send (one at a time on each thread), async (a window of requests under way) or push (a push consumer reads what was sent
// before). Prints "measuring" when the measured time begins and one line of JSON when it has ended; what comes before is warm-up.

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;

public class OfficialLoad {
  private static final int BATCH = 32;

  private final Map<String, String> options = new HashMap<>();
  private final AtomicLong done = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicBoolean measuring = new AtomicBoolean();
  private final AtomicBoolean over = new AtomicBoolean();
  private DefaultMQProducer producer;

  public static void main(String[] words) throws Exception {
    OfficialLoad load = new OfficialLoad();
    for (String word : Arrays.asList(words).subList(1, words.length)) {
      String[] parts = word.split("=", 2);
      load.options.put(parts[0], parts[1]);
    }
    load.run(words[0]);
    System.exit(0);  // The client leaves threads behind.
  }

  private int number(String name) {
    return Integer.parseInt(options.get(name));
  }

  private void run(String task) throws Exception {
    producer = new DefaultMQProducer("official-load");
    producer.setNamesrvAddr(options.get("namesrv"));
    producer.setSendMsgTimeout(20_000);
    producer.setRetryTimesWhenSendFailed(0);
    producer.setRetryTimesWhenSendAsyncFailed(0);
    producer.start();
    switch (task) {
      case "send" -> timed(this::sendOnThreads);
      case "async" -> timed(this::sendInWindow);
      case "push" -> push();
      default -> throw new IllegalArgumentException("unknown task " + task);
    }
  }

  private Message message() {
    byte[] body = new byte[number("size")];
    Arrays.fill(body, (byte) 'x');
    return new Message(options.get("topic"), "TagA", body);
  }

  private interface Task {
    void run() throws Exception;
  }

  private void timed(Task begin) throws Exception {
    begin.run();
    Thread.sleep(number("warmup") * 1000L);
    long before = announce();
    long began = System.nanoTime();
    Thread.sleep(number("seconds") * 1000L);
    report(done.get() - before, (System.nanoTime() - began) / 1e9);
    over.set(true);
  }

  private long announce() {
    measuring.set(true);
    System.out.println("measuring");
    System.out.flush();
    return done.get();
  }

  private void report(long messages, double seconds) {
    System.out.printf("{\"messages\": %d, \"seconds\": %.6f, \"failed\": %d}%n", messages, seconds, failed.get());
    System.out.flush();
  }

  private void sendOnThreads() {
    for (int i = 0; i < number("threads"); i++) {
      Thread thread = new Thread(() -> {
        while (!over.get()) {
          try {
            count(producer.send(message()));
          } catch (Exception e) {
            failed.incrementAndGet();
          }
        }
      });
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void count(SendResult result) {
    (result.getSendStatus() == SendStatus.SEND_OK ? done : failed).incrementAndGet();
  }

  private void sendInWindow() {
    Semaphore window = new Semaphore(number("window"));
    Thread thread = new Thread(() -> {
      while (!over.get()) {
        window.acquireUninterruptibly();
        try {
          producer.send(message(), new SendCallback() {
            @Override
            public void onSuccess(SendResult result) {
              count(result);
              window.release();
            }

            @Override
            public void onException(Throwable e) {
              failed.incrementAndGet();
              window.release();
            }
          });
        } catch (Exception e) {
          failed.incrementAndGet();
          window.release();
        }
      }
    });
    thread.setDaemon(true);
    thread.start();
  }

  /** The first quarter of what there is to read is warm-up. */
  private void push() throws Exception {
    int messages = number("messages") / BATCH * BATCH;
    for (int sent = 0; sent < messages; sent += BATCH) {
      List<Message> batch = new ArrayList<>();
      for (int i = 0; i < BATCH; i++) {
        batch.add(message());
      }
      producer.send(batch);
    }
    long[] began = new long[2];  // When, and at which message.
    DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(options.get("topic") + "-readers");
    consumer.setNamesrvAddr(options.get("namesrv"));
    consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
    consumer.setPullBatchSize(BATCH);
    consumer.setConsumeMessageBatchMaxSize(BATCH);
    consumer.subscribe(options.get("topic"), "*");
    consumer.registerMessageListener((MessageListenerConcurrently) (read, context) -> {
      long now = done.addAndGet(read.size());
      if (now >= messages / 4 && measuring.compareAndSet(false, true)) {
        began[1] = now;
        began[0] = System.nanoTime();
        announce();
      }
      if (now >= messages && over.compareAndSet(false, true)) {
        report(now - began[1], (System.nanoTime() - began[0]) / 1e9);
        synchronized (over) {
          over.notifyAll();
        }
      }
      return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
    });
    consumer.start();
    synchronized (over) {
      while (!over.get()) {
        over.wait();
      }
    }
  }
}
