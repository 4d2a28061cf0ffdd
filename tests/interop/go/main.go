// Runs scenarios on the official Go client, unmodified, against the server given:
//
//	interop --namesrv HOST:PORT --broker HOST:PORT [--filter REGEX] [--parallel N]
//
// `interop replica ...` is what modes.sh runs: replica.go.
//
// Prints `PASS name ms` or `FAIL name reason` per scenario and `N passed, N failed`; exit status 1 when one failed.
package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/apache/rocketmq-client-go/v2/rlog"
)

const scenarioLimit = 180 * time.Second

type scenario struct {
	name string
	run  func(*Context)
}

func scenarios() []scenario {
	all := retryScenarios()
	all = append(all, sendScenarios()...)
	all = append(all, pushScenarios()...)
	all = append(all, pullScenarios()...)
	return all
}

func main() {
	if len(os.Args) > 2 && os.Args[1] == "replica" {
		rlog.SetLogLevel("fatal")
		replica(os.Args[2:])
		return
	}
	namesrv := flag.String("namesrv", "127.0.0.1:9876", "name server")
	broker := flag.String("broker", "127.0.0.1:10911", "broker, for making topics")
	filter := flag.String("filter", ".*", "scenarios to run")
	parallel := flag.Int("parallel", 4, "scenarios at a time")
	flag.Parse()
	rlog.SetLogLevel("fatal")
	wanted := regexp.MustCompile("^(" + *filter + ")$")
	run := strconv.FormatInt(time.Now().UnixMilli(), 36)

	var passed, failed int
	var mutex sync.Mutex
	var group sync.WaitGroup
	lanes := make(chan struct{}, *parallel)
	for _, one := range scenarios() {
		if !wanted.MatchString(one.name) {
			continue
		}
		lanes <- struct{}{}
		group.Add(1)
		go func(one scenario) {
			defer group.Done()
			defer func() { <-lanes }()
			context := &Context{namesrv: *namesrv, broker: *broker, name: strings.ReplaceAll(one.name, "-", "_") + "_" + run}
			start := time.Now()
			reason := runBounded(one, context)
			mutex.Lock()
			defer mutex.Unlock()
			if reason == "" {
				passed++
				fmt.Printf("PASS %s %dms\n", one.name, time.Since(start).Milliseconds())
			} else {
				failed++
				fmt.Printf("FAIL %s %s\n", one.name, strings.ReplaceAll(reason, "\n", " "))
			}
		}(one)
	}
	group.Wait()
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 || passed == 0 {
		os.Exit(1)
	}
}

// Returns why the scenario failed, "" when it did not.
func runBounded(one scenario, context *Context) string {
	result := make(chan string, 1)
	go func() {
		defer func() {
			switch failure := recover().(type) {
			case nil:
				result <- ""
			case Failure:
				result <- string(failure)
			default:
				result <- fmt.Sprint("panic: ", failure)
			}
		}()
		defer context.close()
		one.run(context)
	}()
	select {
	case reason := <-result:
		return reason
	case <-time.After(scenarioLimit):
		return fmt.Sprint("not finished within ", scenarioLimit)
	}
}
