package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand"
	"strings"
	"sync"

	"github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/admin"
	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/producer"
)

func sendScenarios() []scenario {
	return []scenario{
		{"go-send-sync", sendSync},
		{"go-send-async-1000", sendAsync},
		{"go-send-oneway", sendOneWay},
		{"go-send-batch", sendBatch},
		{"go-send-chosen-queue", sendChosenQueue},
		{"go-send-properties", sendProperties},
		{"go-send-large-and-compressed", sendLarge},
		{"go-send-oversized-refused", sendOversized},
		{"go-send-auto-create-topic", sendAutoCreate},
		{"go-send-namespace", sendNamespace},
		{"go-send-trace", sendTrace},
		{"go-two-name-servers-one-dead", deadNameServer},
		{"go-admin-topics", adminTopics},
	}
}

// Reads the topic from the beginning in a group of its own.
func readBack(c *Context, topic string, ids []string) *Received {
	received := &Received{}
	c.pushConsumer(topic, "*", received.listen, consumer.WithGroupName("G_reader_"+c.name))
	received.awaitExactly(ids)
	return received
}

func sendSync(c *Context) {
	topic := c.createTopic(4)
	p := c.producer()
	next := map[int]int64{}
	var ids []string
	for i := 0; i < 100; i++ {
		id := fmt.Sprint("s", i)
		result := sendOk(p, message(topic, "A", id))
		equal(next[result.MessageQueue.QueueId], result.QueueOffset, "queue offset")
		next[result.MessageQueue.QueueId]++
		if result.MsgID == "" || result.OffsetMsgID == "" {
			failf("no ids in %v", result)
		}
		ids = append(ids, id)
	}
	equal(4, len(next), "queues used")
	readBack(c, topic, ids)
}

func sendAsync(c *Context) {
	topic := c.createTopic(4)
	p := c.producer()
	var group sync.WaitGroup
	var mutex sync.Mutex
	places := map[string]bool{}
	var ids []string
	for i := 0; i < 1000; i++ {
		id := fmt.Sprint("a", i)
		ids = append(ids, id)
		group.Add(1)
		must(p.SendAsync(context.Background(), func(_ context.Context, result *primitive.SendResult, err error) {
			defer group.Done()
			if err != nil || result.Status != primitive.SendOK {
				fmt.Println("async send of", id, result, err)
				return
			}
			mutex.Lock()
			defer mutex.Unlock()
			places[fmt.Sprint(result.MessageQueue.QueueId, ":", result.QueueOffset)] = true
		}, message(topic, "A", id)), "async send")
	}
	group.Wait()
	equal(1000, len(places), "distinct queue offsets acknowledged")
	readBack(c, topic, ids)
}

func sendOneWay(c *Context) {
	topic := c.createTopic(2)
	p := c.producer()
	var ids []string
	for i := 0; i < 50; i++ {
		ids = append(ids, fmt.Sprint("o", i))
		must(p.SendOneWay(context.Background(), message(topic, "A", ids[i])), "one-way send")
	}
	readBack(c, topic, ids)
}

func sendBatch(c *Context) {
	topic := c.createTopic(2)
	p := c.producer()
	var batch []*primitive.Message
	var ids []string
	for i := 0; i < 40; i++ {
		ids = append(ids, fmt.Sprint("b", i))
		one := message(topic, fmt.Sprint("tag", i%3), ids[i]).WithKeys([]string{fmt.Sprint("key", i)})
		one.WithProperty("n", fmt.Sprint(i))
		batch = append(batch, one)
	}
	result := sendOk(p, batch...)
	equal(40, len(strings.Split(result.OffsetMsgID, ",")), "offset ids in the result")
	for _, one := range readBack(c, topic, ids).all() {
		var i int
		fmt.Sscanf(string(one.Body), "b%d", &i)
		equal(result.QueueOffset+int64(i), one.QueueOffset, "queue offset of "+ids[i])
		equal(fmt.Sprint("tag", i%3), one.GetTags(), "tag of "+ids[i])
		equal(fmt.Sprint("key", i), one.GetKeys(), "keys of "+ids[i])
		equal(fmt.Sprint(i), one.GetProperty("n"), "property of "+ids[i])
	}
}

func sendChosenQueue(c *Context) {
	topic := c.createTopic(4)
	p := c.producer(producer.WithQueueSelector(producer.NewManualQueueSelector()))
	chosen := map[string]int{}
	var ids []string
	for i := 0; i < 40; i++ {
		one := message(topic, "A", fmt.Sprint("q", i))
		one.Queue = &primitive.MessageQueue{Topic: topic, BrokerName: "broker-a", QueueId: i * 7 % 4}
		result := sendOk(p, one)
		equal(i*7%4, result.MessageQueue.QueueId, "queue of the result")
		chosen[string(one.Body)] = i * 7 % 4
		ids = append(ids, string(one.Body))
	}
	for _, one := range readBack(c, topic, ids).all() {
		equal(chosen[string(one.Body)], one.Queue.QueueId, "queue of "+string(one.Body))
	}
}

func sendProperties(c *Context) {
	topic := c.createTopic(1)
	wanted := map[string]string{"plain": "value", "große": "Straße", "emoji": "\U0001F680 rocket", "json": `{"a": [1, 2], "b": "\\"}`,
		"spaces": " leading and trailing "}
	one := message(topic, "Тег", "u0").WithKeys([]string{"klíč", "鍵"})
	one.Flag = 0x1234
	for key, value := range wanted {
		one.WithProperty(key, value)
	}
	sent := sendOk(c.producer(), one)
	got := readBack(c, topic, []string{"u0"}).all()[0]
	equal("Тег", got.GetTags(), "tag")
	equal("klíč 鍵", got.GetKeys(), "keys")
	equal(int32(0x1234), got.Flag, "flag")
	equal(sent.MsgID, got.MsgId, "message id")
	equal(sent.OffsetMsgID, got.OffsetMsgId, "offset message id")
	for key, value := range wanted {
		equal(value, got.GetProperty(key), "property "+key)
	}
}

func sendLarge(c *Context) {
	topic := c.createTopic(1)
	p := c.producer(producer.WithCompressLevel(5))
	compressible := bytes.Repeat([]byte("ogive "), 1<<20/6)
	random := make([]byte, 1<<20)
	rand.New(rand.NewSource(7)).Read(random)
	sendOk(p, primitive.NewMessage(topic, compressible))
	sendOk(p, primitive.NewMessage(topic, random))
	sendOk(p, message(topic, "A", "small"))
	got := readBack(c, topic, []string{string(compressible), string(random), "small"}).all()
	for _, one := range got {
		if one.QueueOffset == 0 && one.StoreSize > 200_000 {
			failf("the body was stored uncompressed: %d bytes", one.StoreSize)
		}
	}
}

func sendOversized(c *Context) {
	topic := c.createTopic(1)
	p := c.producer(producer.WithRetry(0))
	body := make([]byte, 5<<20)
	rand.New(rand.NewSource(8)).Read(body)
	if result, err := p.SendSync(context.Background(), primitive.NewMessage(topic, body)); err == nil {
		failf("5 MiB accepted: %v", result)
	}
	sendOk(p, message(topic, "A", "after"))
	readBack(c, topic, []string{"after"})
}

func sendAutoCreate(c *Context) {
	ids := sendMany(c.producer(), c.topic(), "A", "n", 12)
	await("route of the new topic", func() bool { return c.hasRoute(c.topic()) })
	readBack(c, c.topic(), ids)
}

func sendNamespace(c *Context) {
	c.createTopicNamed("one%"+c.topic(), 2)
	c.createTopicNamed("two%"+c.topic(), 2)
	for _, space := range []string{"one", "two"} {
		ids := sendMany(c.producer(producer.WithNamespace(space)), c.topic(), "A", space, 20)
		received := &Received{}
		c.pushConsumer(c.topic(), "*", received.listen, consumer.WithNamespace(space))
		received.awaitExactly(ids)
		for _, one := range received.all() {
			equal(space+"%"+c.topic(), one.Topic, "topic with its namespace")
		}
	}
}

func sendTrace(c *Context) {
	topic := c.createTopic(2)
	trace := &primitive.TraceConfig{Access: primitive.Local, TraceTopic: "Trace_" + c.name, Resolver: c.resolver()}
	c.createTopicNamed(trace.TraceTopic, 1)
	traces := &Received{}
	c.pushConsumer(trace.TraceTopic, "*", traces.listen, consumer.WithGroupName("G_trace_"+c.name))
	received := &Received{}
	c.pushConsumer(topic, "*", received.listen, consumer.WithTrace(trace))
	p := c.producer(producer.WithTrace(trace))
	var ids []string
	var keys []string
	for i := 0; i < 10; i++ {
		ids = append(ids, fmt.Sprint("t", i))
		keys = append(keys, sendOk(p, message(topic, "A", ids[i])).MsgID)
	}
	received.awaitExactly(ids)
	for _, kind := range []string{"Pub", "SubBefore", "SubAfter"} {
		for _, key := range keys {
			await(kind+" trace of "+key, func() bool {
				for _, one := range traces.all() {
					for _, line := range strings.Split(string(one.Body), "\x02") {
						if strings.HasPrefix(line, kind) && strings.Contains(line, key) {
							return true
						}
					}
				}
				return false
			})
		}
	}
}

func deadNameServer(c *Context) {
	topic := c.createTopic(2)
	both := primitive.NewPassthroughResolver([]string{"127.0.0.1:1", c.namesrv}) // Port 1: nobody listens.
	var p rocketmq.Producer = c.producer(producer.WithNsResolver(both))
	received := &Received{}
	c.pushConsumer(topic, "*", received.listen, consumer.WithNsResolver(both))
	received.awaitExactly(sendMany(p, topic, "A", "n", 20))
}

func adminTopics(c *Context) {
	topic := c.createTopic(3)
	a, err := admin.NewAdmin(admin.WithResolver(c.resolver()))
	must(err, "admin client")
	defer a.Close()
	listed := func() bool {
		list, err := a.FetchAllTopicList(context.Background())
		must(err, "topic list")
		for _, one := range list.TopicList {
			if one == topic {
				return true
			}
		}
		return false
	}
	equal(true, listed(), "new topic in the list")
	groups, err := a.GetAllSubscriptionGroup(context.Background(), c.broker, longWait)
	must(err, "subscription groups")
	if len(groups.SubscriptionGroupTable) == 0 {
		failf("no subscription groups")
	}
	must(a.DeleteTopic(context.Background(), admin.WithTopicDelete(topic), admin.WithBrokerAddrDelete(c.broker),
		admin.WithNameSrvAddr([]string{c.namesrv})), "deleting the topic")
	await("topic gone", func() bool { return !listed() })
}
