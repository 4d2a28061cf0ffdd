package main

import (
	"context"
	"time"

	"github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/admin"
	"github.com/apache/rocketmq-client-go/v2/consumer"
)

func pullScenarios() []scenario {
	return []scenario{
		{"go-pull-poll", pullPoll},
		{"go-pull-from", pullFrom},
	}
}

func (c *Context) hasRoute(topic string) bool {
	a, err := admin.NewAdmin(admin.WithResolver(c.resolver()))
	must(err, "admin client")
	defer a.Close()
	queues, err := a.FetchPublishMessageQueues(context.Background(), topic)
	return err == nil && len(queues) > 0
}

func (c *Context) pullConsumer(topic, expression string) rocketmq.PullConsumer {
	p, err := rocketmq.NewPullConsumer(consumer.WithNsResolver(c.resolver()), consumer.WithGroupName(c.group()),
		consumer.WithInstance(instance()), consumer.WithConsumeFromWhere(consumer.ConsumeFromFirstOffset))
	must(err, "making a pull consumer")
	must(p.Subscribe(topic, consumer.MessageSelector{Type: consumer.TAG, Expression: expression}), "subscribing")
	must(p.Start(), "starting a pull consumer")
	c.closers = append(c.closers, func() { p.Shutdown() })
	return p
}

func pullPoll(c *Context) {
	topic := c.createTopic(3)
	p := c.producer()
	ids := sendMany(p, topic, "A", "a", 40)
	sendMany(p, topic, "no", "n", 9)
	ids = append(ids, sendMany(p, topic, "B", "b", 40)...)
	puller := c.pullConsumer(topic, "A || B")
	received := &Received{}
	await("all messages polled", func() bool {
		request, err := puller.Poll(context.Background(), time.Second)
		if consumer.IsNoNewMsgError(err) {
			return false
		}
		must(err, "poll")
		received.add(request.GetMsgList()...)
		puller.ACK(context.Background(), request, consumer.ConsumeSuccess)
		return len(received.all()) >= len(ids)
	})
	received.awaitExactly(ids)
}

func pullFrom(c *Context) {
	topic := c.createTopic(1)
	ids := sendMany(c.producer(), topic, "A", "m", 50)
	puller := c.pullConsumer(topic, "*")
	a, err := admin.NewAdmin(admin.WithResolver(c.resolver()))
	must(err, "admin client")
	defer a.Close()
	queues, err := a.FetchPublishMessageQueues(context.Background(), topic)
	must(err, "queues")
	received := &Received{}
	for offset := int64(0); offset < 50; {
		result, err := puller.PullFrom(context.Background(), queues[0], offset, 16)
		must(err, "pull")
		got := result.GetMessageExts()
		if len(got) == 0 {
			failf("nothing at offset %d: %v", offset, result)
		}
		received.add(got...)
		equal(offset+int64(len(got)), result.NextBeginOffset, "next offset")
		offset = result.NextBeginOffset
	}
	received.awaitExactly(ids)
}
