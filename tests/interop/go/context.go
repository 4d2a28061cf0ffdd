package main

import (
	"context"
	"fmt"
	"reflect"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/admin"
	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/producer"
)

const longWait = 60 * time.Second

// Failure is what a failed assertion panics with.
type Failure string

func failf(format string, words ...any) { panic(Failure(fmt.Sprintf(format, words...))) }

func must(err error, what string) {
	if err != nil {
		failf("%s: %v", what, err)
	}
}

func equal(expected, actual any, what string) {
	if !reflect.DeepEqual(expected, actual) {
		failf("%s: expected %v, got %v", what, expected, actual)
	}
}

func await(what string, condition func() bool) {
	for deadline := time.Now().Add(longWait); !condition(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			failf("after %v still not: %s", longWait, what)
		}
	}
}

var instances atomic.Int64

// Context is what a scenario works with: names of its own, and clients that are closed when it ends.
type Context struct {
	namesrv, broker, name string
	closers               []func()
}

func (c *Context) close() {
	for i := len(c.closers) - 1; i >= 0; i-- {
		c.closers[i]()
	}
}

func (c *Context) topic() string { return "T_" + c.name }
func (c *Context) group() string { return "G_" + c.name }
func (c *Context) resolver() primitive.NsResolver {
	return primitive.NewPassthroughResolver([]string{c.namesrv})
}

// An instance name of its own makes every client one of its own to the server.
func instance() string { return fmt.Sprint("go", instances.Add(1)) }

func (c *Context) createTopicNamed(topic string, queues int) string {
	a, err := admin.NewAdmin(admin.WithResolver(c.resolver()))
	must(err, "admin client")
	defer a.Close()
	must(a.CreateTopic(context.Background(), admin.WithTopicCreate(topic), admin.WithBrokerAddrCreate(c.broker),
		admin.WithReadQueueNums(queues), admin.WithWriteQueueNums(queues)), "creating "+topic)
	await("route of "+topic, func() bool {
		got, err := a.FetchPublishMessageQueues(context.Background(), topic)
		return err == nil && len(got) == queues
	})
	return topic
}

func (c *Context) createTopic(queues int) string { return c.createTopicNamed(c.topic(), queues) }

func (c *Context) producer(options ...producer.Option) rocketmq.Producer {
	options = append([]producer.Option{producer.WithNsResolver(c.resolver()), producer.WithGroupName("P_" + c.name),
		producer.WithInstanceName(instance()), producer.WithSendMsgTimeout(10 * time.Second)}, options...)
	p, err := rocketmq.NewProducer(options...)
	must(err, "making a producer")
	must(p.Start(), "starting a producer")
	c.closers = append(c.closers, func() { p.Shutdown() })
	return p
}

type listener = func(context.Context, ...*primitive.MessageExt) (consumer.ConsumeResult, error)

func (c *Context) pushConsumer(topic, expression string, listen listener, options ...consumer.Option) rocketmq.PushConsumer {
	options = append([]consumer.Option{consumer.WithNsResolver(c.resolver()), consumer.WithGroupName(c.group()),
		consumer.WithInstance(instance()), consumer.WithConsumeFromWhere(consumer.ConsumeFromFirstOffset)}, options...)
	p, err := rocketmq.NewPushConsumer(options...)
	must(err, "making a push consumer")
	must(p.Subscribe(topic, consumer.MessageSelector{Type: consumer.TAG, Expression: expression}, listen), "subscribing")
	must(p.Start(), "starting a push consumer")
	c.closers = append(c.closers, func() { p.Shutdown() })
	return p
}

func message(topic, tag, id string) *primitive.Message {
	return primitive.NewMessage(topic, []byte(id)).WithTag(tag)
}

func sendOk(p rocketmq.Producer, messages ...*primitive.Message) *primitive.SendResult {
	result, err := p.SendSync(context.Background(), messages...)
	must(err, "send")
	equal(primitive.SendOK, result.Status, "send status")
	return result
}

func sendMany(p rocketmq.Producer, topic, tag, prefix string, count int) []string {
	var ids []string
	for i := 0; i < count; i++ {
		ids = append(ids, fmt.Sprint(prefix, i))
		sendOk(p, message(topic, tag, ids[i]))
	}
	return ids
}

// Received is what consumers got, by the unique id in the message body. Safe for concurrent use.
type Received struct {
	mutex    sync.Mutex
	counts   map[string]int
	messages []*primitive.MessageExt
}

func (r *Received) add(messages ...*primitive.MessageExt) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.counts == nil {
		r.counts = map[string]int{}
	}
	for _, one := range messages {
		r.counts[string(one.Body)]++
		r.messages = append(r.messages, one)
	}
}

func (r *Received) listen(_ context.Context, messages ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
	r.add(messages...)
	return consumer.ConsumeSuccess, nil
}

func (r *Received) all() []*primitive.MessageExt {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return append([]*primitive.MessageExt(nil), r.messages...)
}

func brief(ids []string) string {
	sort.Strings(ids)
	if len(ids) > 5 {
		return fmt.Sprint(ids[:5], "... (", len(ids), ")")
	}
	return fmt.Sprint(ids)
}

// Waits until every expected id is there; repeats are allowed, foreign messages are not.
func (r *Received) awaitAll(expected []string) { r.awaitAllWithin(expected, longWait) }

func (r *Received) awaitAllWithin(expected []string, patience time.Duration) {
	deadline := time.Now().Add(patience)
	for {
		var missing []string
		r.mutex.Lock()
		for _, id := range expected {
			if r.counts[id] == 0 {
				missing = append(missing, id)
			}
		}
		distinct := len(r.counts)
		r.mutex.Unlock()
		if len(missing) == 0 {
			equal(len(expected), distinct, "distinct messages")
			return
		}
		if time.Now().After(deadline) {
			failf("after %v missing %d of %d: %s", patience, len(missing), len(expected), brief(missing))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Waits until every expected id is there, then requires: nothing else, and nothing twice.
func (r *Received) awaitExactly(expected []string) {
	r.awaitAll(expected)
	r.mutex.Lock()
	defer r.mutex.Unlock()
	var twice []string
	for id, count := range r.counts {
		if count != 1 {
			twice = append(twice, fmt.Sprint(id, "x", count))
		}
	}
	if len(twice) > 0 {
		failf("delivered more than once: %s", brief(twice))
	}
}
