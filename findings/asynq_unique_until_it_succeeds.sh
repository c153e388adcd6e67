#!/usr/bin/env bash
# With:  github.com/hibiken/asynq v0.26.0, a Redis server.
# Guess: Unique(time.Hour) lets one task of its type and payload in within an hour,
#        whatever becomes of it.
# Seen:  a task that succeeds frees its place at once, so the same may be put in
#        again seconds later. One that has failed for good holds its place for the
#        rest of the hour: nothing comes after it, and the error says "exists".
# So:    to have something done once an hour, give the task an id with the hour in it
#        (TaskID), and Retention(). Where a failed task must not be in the way of the
#        next one, delete it.
source "$(dirname "$0")/lib.sh"
start_redis
cat >go.mod <<'END'
module ask

go 1.24

require github.com/hibiken/asynq v0.26.0
END
cat >main.go <<'END'
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/hibiken/asynq"
)

func main() {
	redis := asynq.RedisClientOpt{Addr: "127.0.0.1:" + os.Getenv("REDIS_PORT")}
	client := asynq.NewClient(redis)
	put := func(name string) error {
		task := asynq.NewTask(name, nil)
		_, err := client.Enqueue(task, asynq.Unique(time.Hour), asynq.MaxRetry(0))
		return err
	}
	server := asynq.NewServer(redis, asynq.Config{LogLevel: asynq.FatalLevel})
	handler := func(_ context.Context, task *asynq.Task) error {
		if task.Type() == "fails" {
			return errors.New("no")
		}
		return nil
	}
	if err := server.Start(asynq.HandlerFunc(handler)); err != nil {
		panic(err)
	}
	for _, name := range []string{"succeeds", "fails"} {
		fmt.Println(name, put(name))
	}
	inspector := asynq.NewInspector(redis)
	for { // until both have ended
		info, err := inspector.GetQueueInfo("default")
		if err == nil && info.Processed == 2 && info.Active == 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	server.Shutdown()
	for _, name := range []string{"succeeds", "fails"} {
		fmt.Println(name, put(name))
	}
}
END
build_go
same "succeeds <nil>
fails <nil>
succeeds <nil>
fails task already exists" "$(timeout 60 ./ask)"
