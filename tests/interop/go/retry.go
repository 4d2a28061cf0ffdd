package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
)

// Delays are counted from the store time by the server's clock tick; allow it this much to be early.
const early = 100 * time.Millisecond

func retryScenarios() []scenario {
	return []scenario{
		{"go-push-orderly-shared", pushOrderlyShared}, // Slow: it starts first.
		{"go-retry-then-dlq", retryThenDlq},
		{"go-retry-succeeds", retrySucceeds},
		{"go-delay-levels", delayLevels},
	}
}

func retryThenDlq(c *Context) {
	topic := c.createTopic(2)
	var mutex sync.Mutex
	attempts := map[string][]int32{}
	times := map[string][]time.Time{}
	c.pushConsumer(topic, "*", func(ctx context.Context, messages ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
		mutex.Lock()
		defer mutex.Unlock()
		for _, one := range messages {
			attempts[string(one.Body)] = append(attempts[string(one.Body)], one.ReconsumeTimes)
			times[string(one.Body)] = append(times[string(one.Body)], time.Now())
		}
		if retry, ok := primitive.GetConcurrentlyCtx(ctx); ok {
			retry.DelayLevelWhenNextConsume = 1
		}
		return consumer.ConsumeRetryLater, nil
	}, consumer.WithMaxReconsumeTimes(2))
	ids := sendMany(c.producer(), topic, "A", "d", 6)
	await("three attempts for each", func() bool {
		mutex.Lock()
		defer mutex.Unlock()
		for _, id := range ids {
			if len(attempts[id]) < 3 {
				return false
			}
		}
		return true
	})
	dead := &Received{}
	dlq := "%DLQ%" + c.group()
	await("route of "+dlq, func() bool { return c.hasRoute(dlq) })
	c.pushConsumer(dlq, "*", dead.listen, consumer.WithGroupName("G_dlq_"+c.name))
	dead.awaitExactly(ids)
	for _, one := range dead.all() {
		equal(topic, one.GetProperty("RETRY_TOPIC"), "RETRY_TOPIC of a dead letter")
	}
	mutex.Lock()
	defer mutex.Unlock()
	for _, id := range ids {
		equal([]int32{0, 1, 2}, attempts[id], "reconsume times of "+id)
		for i := 1; i < 3; i++ {
			if gap := times[id][i].Sub(times[id][i-1]); gap < time.Second-early {
				failf("retry of %s came after %v, level 1 is 1 s", id, gap)
			}
		}
	}
}

func retrySucceeds(c *Context) {
	topic := c.createTopic(1)
	received := &Received{}
	c.pushConsumer(topic, "*", func(ctx context.Context, messages ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
		if messages[0].ReconsumeTimes == 0 {
			if retry, ok := primitive.GetConcurrentlyCtx(ctx); ok {
				retry.DelayLevelWhenNextConsume = 2
			}
			return consumer.ConsumeRetryLater, nil
		}
		received.add(messages...)
		return consumer.ConsumeSuccess, nil
	})
	ids := sendMany(c.producer(), topic, "A", "r", 5)
	received.awaitExactly(ids)
	for _, one := range received.all() {
		equal(int32(1), one.ReconsumeTimes, "reconsume times")
		equal(topic, one.Topic, "topic shown to the listener")
	}
}

func delayLevels(c *Context) {
	topic := c.createTopic(2)
	received := &Received{}
	var mutex sync.Mutex
	arrived := map[string]time.Time{}
	c.pushConsumer(topic, "*", func(ctx context.Context, messages ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
		mutex.Lock()
		defer mutex.Unlock()
		for _, one := range messages {
			arrived[string(one.Body)] = time.Now()
		}
		return received.listen(ctx, messages...)
	})
	delays := []time.Duration{0, time.Second, 5 * time.Second}
	p := c.producer()
	due := map[string]time.Time{}
	var ids []string
	for i := 0; i < 30; i++ {
		id := fmt.Sprint("l", i)
		one := message(topic, "A", id)
		if i%3 > 0 {
			one.WithDelayTimeLevel(i % 3)
		}
		due[id] = time.Now().Add(delays[i%3])
		sendOk(p, one)
		ids = append(ids, id)
	}
	received.awaitExactly(ids)
	mutex.Lock()
	defer mutex.Unlock()
	for id, at := range due {
		if ahead := at.Sub(arrived[id]); ahead > early {
			failf("%s came %v too early", id, ahead)
		}
	}
}
