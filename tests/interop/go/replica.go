package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/producer"
)

// Clients of masters and slaves that are killed under them, with the command line and the files of ReplicaMain.java:
//
//	interop replica send --namesrv N --topic T --acks FILE --others FILE --stop-file FILE [--threads N] [--first-thread N] [--pause MS]
//	interop replica consume --namesrv N --topic T --group G --out FILE
func replica(words []string) {
	task := words[0]
	flags := flag.NewFlagSet("replica "+task, flag.ExitOnError)
	namesrv := flags.String("namesrv", "127.0.0.1:9876", "name servers")
	topic := flags.String("topic", "", "topic")
	group := flags.String("group", "", "group")
	out := flags.String("out", "", "where received messages are written")
	acks := flags.String("acks", "", "where acknowledged messages are written")
	others := flags.String("others", "", "where other answers are written")
	stop := flags.String("stop-file", "", "the end of sending")
	threads := flags.Int("threads", 4, "senders at a time")
	first := flags.Int("first-thread", 0, "number of the first")
	pause := flags.Int("pause", 1, "milliseconds between two messages: a steady stream, not a load test")
	flags.Parse(words[1:])
	servers := strings.Split(*namesrv, ";")
	switch task {
	case "send":
		replicaSend(servers, *topic, newLines(*acks), newLines(*others), *stop, *first, *threads, time.Duration(*pause)*time.Millisecond)
	case "consume":
		replicaConsume(servers, *topic, *group, newLines(*out))
	default:
		fmt.Fprintln(os.Stderr, "replica send|consume, not", task)
		os.Exit(2)
	}
}

// A file whose lines are there as soon as they are written. Safe for concurrent use.
type lines struct {
	mutex  sync.Mutex
	writer *bufio.Writer
}

func newLines(path string) *lines {
	file, err := os.Create(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	return &lines{writer: bufio.NewWriter(file)}
}

func (l *lines) add(words ...any) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	fmt.Fprintln(l.writer, words...)
	l.writer.Flush()
}

var statusNames = map[primitive.SendStatus]string{primitive.SendOK: "SEND_OK", primitive.SendFlushDiskTimeout: "FLUSH_DISK_TIMEOUT",
	primitive.SendFlushSlaveTimeout: "FLUSH_SLAVE_TIMEOUT", primitive.SendSlaveNotAvailable: "SLAVE_NOT_AVAILABLE"}

func replicaSend(servers []string, topic string, acks, others *lines, stop string, first, threads int, pause time.Duration) {
	p, err := producer.NewDefaultProducer(producer.WithNsResolver(primitive.NewPassthroughResolver(servers)),
		producer.WithGroupName("P_go_"+topic), producer.WithInstanceName(instance()), producer.WithSendMsgTimeout(5*time.Second))
	if err == nil {
		err = p.Start()
	}
	if err != nil {
		fmt.Println("FAIL", err)
		os.Exit(1)
	}
	defer p.Shutdown()
	stopped := func() bool {
		_, err := os.Stat(stop)
		return err == nil
	}
	var mutex sync.Mutex
	counts := map[string]int{}
	var group sync.WaitGroup
	for i := 0; i < threads; i++ {
		group.Add(1)
		go func(thread int) {
			defer group.Done()
			for n := 0; !stopped(); n++ {
				what := replicaSendOne(p, topic, fmt.Sprint(thread, "-", n), acks, others)
				time.Sleep(pause)
				mutex.Lock()
				counts[what]++
				mutex.Unlock()
			}
		}(first + i)
	}
	group.Wait()
	fmt.Println("sent", counts)
}

func replicaSendOne(p interface {
	SendSync(context.Context, ...*primitive.Message) (*primitive.SendResult, error)
}, topic, id string, acks, others *lines) string {
	r, err := p.SendSync(context.Background(), message(topic, "A", id))
	if err != nil {
		time.Sleep(50 * time.Millisecond)
		return "error"
	}
	status := statusNames[r.Status]
	if r.Status == primitive.SendOK {
		acks.add(id, r.MessageQueue.BrokerName, r.MessageQueue.QueueId, r.QueueOffset)
	} else {
		others.add(status, r.MessageQueue.BrokerName, id, r.MessageQueue.QueueId, r.QueueOffset)
	}
	return status
}

func replicaConsume(servers []string, topic, group string, out *lines) {
	p, err := consumer.NewPushConsumer(consumer.WithNsResolver(primitive.NewPassthroughResolver(servers)), consumer.WithGroupName(group),
		consumer.WithInstance(instance()), consumer.WithConsumeFromWhere(consumer.ConsumeFromFirstOffset))
	if err == nil {
		err = p.Subscribe(topic, consumer.MessageSelector{Type: consumer.TAG, Expression: "*"},
			func(_ context.Context, messages ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
				for _, m := range messages {
					out.add(string(m.Body), m.Queue.BrokerName, m.Queue.QueueId, m.QueueOffset)
				}
				return consumer.ConsumeSuccess, nil
			})
	}
	if err == nil {
		err = p.Start()
	}
	if err != nil {
		fmt.Println("FAIL", err)
		os.Exit(1)
	}
	select {}
}
