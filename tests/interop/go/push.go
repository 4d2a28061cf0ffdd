package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/producer"
)

func pushScenarios() []scenario {
	return []scenario{
		{"go-push-concurrent", pushConcurrent},
		{"go-push-tags", pushTags},
		{"go-push-orderly", pushOrderly},
		{"go-push-orderly-suspend", pushOrderlySuspend},
		{"go-push-broadcast", pushBroadcast},
		{"go-push-rebalance", pushRebalance},
		{"go-push-resume", pushResume},
	}
}

func pushConcurrent(c *Context) {
	topic := c.createTopic(4)
	p := c.producer()
	ids := sendMany(p, topic, "A", "old", 100)
	received := &Received{}
	c.pushConsumer(topic, "*", received.listen)
	ids = append(ids, sendMany(p, topic, "A", "new", 200)...)
	received.awaitExactly(ids)
}

func pushTags(c *Context) {
	topic := c.createTopic(2)
	some, all := &Received{}, &Received{}
	c.pushConsumer(topic, "A || B", some.listen, consumer.WithGroupName(c.group()+"_some"))
	c.pushConsumer(topic, "*", all.listen, consumer.WithGroupName(c.group()+"_all"))
	p := c.producer()
	var wanted, everything []string
	for i := 0; i < 120; i++ {
		tag := "ABCD"[i%4 : i%4+1]
		if i >= 110 { // The last of each queue match, so an unwanted one would have come before the set is complete.
			tag = "A"
		}
		id := fmt.Sprint(tag, i)
		sendOk(p, message(topic, tag, id))
		everything = append(everything, id)
		if tag == "A" || tag == "B" {
			wanted = append(wanted, id)
		}
	}
	all.awaitExactly(everything)
	some.awaitExactly(wanted)
}

func pushOrderly(c *Context) { orderly(c, 1, longWait) }

// The Go client does not give up the lock of a queue that moves to another consumer: the server lets it expire after 60 s, and
// the other consumer asks again at its next rebalance, 20 s apart.
func pushOrderlyShared(c *Context) { orderly(c, 2, 150*time.Second) }

func orderly(c *Context, consumers int, patience time.Duration) {
	topic := c.createTopic(4)
	received := &Received{}
	var mutex sync.Mutex
	last := map[string]int{}
	disorder := ""
	listen := func(_ context.Context, messages ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
		mutex.Lock()
		defer mutex.Unlock()
		for _, one := range messages {
			key, n := "", 0
			fmt.Sscanf(strings.Replace(string(one.Body), "-", " ", 1), "%s %d", &key, &n)
			if n != last[key] && disorder == "" {
				disorder = fmt.Sprint(key, ": ", n, " instead of ", last[key])
			}
			last[key] = n + 1
			received.add(one)
		}
		return consumer.ConsumeSuccess, nil
	}
	for i := 0; i < consumers; i++ {
		c.pushConsumer(topic, "*", listen, consumer.WithConsumerOrder(true))
	}
	p := c.producer(producer.WithQueueSelector(producer.NewHashQueueSelector()))
	var ids []string
	for i := 0; i < 40; i++ {
		for key := 0; key < 10; key++ {
			id := fmt.Sprintf("key%d-%d", key, i)
			sendOk(p, message(topic, "A", id).WithShardingKey(fmt.Sprint("key", key)))
			ids = append(ids, id)
		}
	}
	received.awaitAllWithin(ids, patience)
	received.awaitExactly(ids)
	equal("", disorder, "disorder")
}

func pushOrderlySuspend(c *Context) {
	topic := c.createTopic(1)
	var refusals atomic.Int32
	var mutex sync.Mutex
	var order []string
	received := &Received{}
	c.pushConsumer(topic, "*", func(_ context.Context, messages ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
		if string(messages[0].Body) == "m1" && refusals.Add(1) <= 3 {
			return consumer.SuspendCurrentQueueAMoment, nil
		}
		mutex.Lock()
		defer mutex.Unlock()
		for _, one := range messages {
			order = append(order, string(one.Body))
		}
		received.add(messages...)
		return consumer.ConsumeSuccess, nil
	}, consumer.WithConsumerOrder(true))
	ids := sendMany(c.producer(), topic, "A", "m", 5)
	received.awaitExactly(ids)
	mutex.Lock()
	defer mutex.Unlock()
	equal(ids, order, "order")
}

func pushBroadcast(c *Context) {
	topic := c.createTopic(3)
	received := []*Received{{}, {}}
	for _, one := range received {
		c.pushConsumer(topic, "*", one.listen, consumer.WithConsumerModel(consumer.BroadCasting))
	}
	ids := sendMany(c.producer(), topic, "A", "b", 60)
	for _, one := range received {
		one.awaitExactly(ids)
	}
}

// Three consumers share the queues, each gets something; one leaves, and everything still arrives.
func pushRebalance(c *Context) {
	topic := c.createTopic(12)
	p := c.producer()
	all := &Received{}
	var each [3]atomic.Int32
	var members []rocketmq.PushConsumer
	for i := range each {
		i := i
		members = append(members, c.pushConsumer(topic, "*", func(_ context.Context, messages ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
			each[i].Add(int32(len(messages)))
			all.add(messages...)
			return consumer.ConsumeSuccess, nil
		}))
	}
	var ids []string
	for round := 0; each[0].Load() == 0 || each[1].Load() == 0 || each[2].Load() == 0; round++ {
		if round == 60 {
			failf("the queues are not shared: %d %d %d messages", each[0].Load(), each[1].Load(), each[2].Load())
		}
		ids = append(ids, sendMany(p, topic, "A", fmt.Sprint("round", round, "-"), 24)...)
		all.awaitAll(ids) // Queues that move between consumers may repeat.
	}
	must(members[0].Shutdown(), "shutdown of a member")
	gone := each[0].Load()
	ids = append(ids, sendMany(p, topic, "A", "two", 120)...)
	all.awaitAll(ids)
	equal(gone, each[0].Load(), "messages of the consumer that left")
}

func pushResume(c *Context) {
	topic := c.createTopic(3)
	p := c.producer()
	before := sendMany(p, topic, "A", "x", 60)
	first := &Received{}
	member := c.pushConsumer(topic, "*", first.listen)
	first.awaitExactly(before)
	must(member.Shutdown(), "shutdown") // Saves the offsets.
	after := sendMany(p, topic, "A", "y", 60)
	second := &Received{}
	c.pushConsumer(topic, "*", second.listen)
	second.awaitAll(append([]string(nil), second.withRepeats(before, after)...))
}

// The Go client does not wait for its workers when it shuts down: what they were doing may repeat, what comes after must come.
func (r *Received) withRepeats(repeatable, wanted []string) []string {
	await("the messages sent meanwhile", func() bool {
		r.mutex.Lock()
		defer r.mutex.Unlock()
		for _, id := range wanted {
			if r.counts[id] == 0 {
				return false
			}
		}
		return true
	})
	all := append([]string(nil), wanted...)
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for _, id := range repeatable {
		if r.counts[id] > 0 {
			all = append(all, id)
		}
	}
	return all
}
