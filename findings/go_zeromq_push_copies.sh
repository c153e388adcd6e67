#!/usr/bin/env bash
# With:  github.com/go-zeromq/zmq4 v0.17.0, the ZeroMQ in pure Go.
# Guess: a PUSH or DEALER with two peers sends them its messages in turn (RFC 30,
#        RFC 28: round robin), so each gets half.
# Seen:  each peer gets every message, as from a PUB.
# So:    two workers behind a PUSH or a DEALER of it both do all of the work. One
#        peer a socket is right; share work out elsewhere (a PUSH of yours, or a
#        ROUTER there, which sends to the one peer that it names).
source "$(dirname "$0")/lib.sh"
cat >go.mod <<'END'
module ask

go 1.21

require github.com/go-zeromq/zmq4 v0.17.0
END
cat >main.go <<'END'
package main

import (
	"context"
	"fmt"
	"time"

	"github.com/go-zeromq/zmq4"
)

// What comes in until nothing has for a second.
func all(peer zmq4.Socket) []string {
	texts := make(chan string)
	go func() {
		for {
			message, err := peer.Recv()
			if err != nil {
				return
			}
			texts <- string(message.Bytes())
		}
	}()
	var got []string
	for {
		select {
		case text := <-texts:
			got = append(got, text)
		case <-time.After(time.Second):
			return got
		}
	}
}

func try(name string, sender, one, two zmq4.Socket) {
	if err := sender.Listen("tcp://127.0.0.1:0"); err != nil {
		panic(err)
	}
	for _, peer := range []zmq4.Socket{one, two} {
		if err := peer.Dial("tcp://" + sender.Addr().String()); err != nil {
			panic(err)
		}
	}
	time.Sleep(time.Second)
	for _, text := range []string{"a", "b", "c", "d"} {
		if err := sender.Send(zmq4.NewMsgString(text)); err != nil {
			panic(err)
		}
	}
	fmt.Println(name, all(one), all(two))
}

func main() {
	ctx := context.Background()
	try("PUSH", zmq4.NewPush(ctx), zmq4.NewPull(ctx), zmq4.NewPull(ctx))
	try("DEALER", zmq4.NewDealer(ctx), zmq4.NewDealer(ctx), zmq4.NewDealer(ctx))
}
END
build_go
same 'PUSH [a b c d] [a b c d]
DEALER [a b c d] [a b c d]' "$(./ask)"
