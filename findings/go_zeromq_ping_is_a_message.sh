#!/usr/bin/env bash
# With:  github.com/go-zeromq/zmq4 v0.17.0, the ZeroMQ in pure Go.
# Guess: it announces ZMTP 3.0, which has no heartbeats, so it ignores a PING or
#        closes the connection as for an unknown command.
# Seen:  the command reaches the program as a message whose frame is the body of
#        the command, name and all; no PONG comes. Messages after it are right.
#        And its READY carries an Identity that nobody set: a UUID in text.
# So:    leave heartbeats off towards it. A PING is data to the program there, and
#        a peer that waits for PONG takes a healthy connection for dead. A ROUTER
#        of yours sees a new routing id of 36 characters for each connection.
source "$(dirname "$0")/lib.sh"
command -v go >/dev/null || cannot_try "go"
command -v python3 >/dev/null || cannot_try "python3"
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

	"github.com/go-zeromq/zmq4"
)

func main() {
	dealer := zmq4.NewDealer(context.Background())
	if err := dealer.Listen("tcp://127.0.0.1:0"); err != nil {
		panic(err)
	}
	fmt.Println(dealer.Addr())
	for {
		message, err := dealer.Recv()
		if err != nil {
			return
		}
		fmt.Printf("message %q\n", message.Frames)
	}
}
END
export GOFLAGS=-modcacherw GOMODCACHE="$work/go" GOTOOLCHAIN=local
{ go mod tidy && go build -o dealer .; } >/dev/null 2>&1 ||
  cannot_try "go-zeromq from the Go proxy"
cat >ask.py <<'END'
import re, socket, subprocess
from zmtp import command, greeting, ready

dealer = subprocess.Popen(["./dealer"], stdout=subprocess.PIPE, text=True)
host, port = dealer.stdout.readline().strip().rsplit(":", 1)
peer = socket.create_connection((host, int(port)))
peer.settimeout(5)
peer.sendall(greeting(minor=0))
got = b""
while b"READY" not in got or b"Identity" not in got:
    got += peer.recv(4096)
print("version 3.%d" % got[11])
identity = re.search(rb"Identity\x00\x00\x00\x24([0-9a-f-]{36})", got)
print("an identity that nobody set:", identity is not None)
peer.sendall(ready(b"DEALER"))
peer.sendall(command(b"PING", b"\0\x64here") + b"\0\x05hello")
print(dealer.stdout.readline().strip())
print(dealer.stdout.readline().strip())
peer.settimeout(2)
try:
    print("answer:", peer.recv(4096))
except TimeoutError:
    print("no answer")
dealer.kill()
END
same 'version 3.0
an identity that nobody set: True
message ["\x04PING\x00dhere"]
message ["hello"]
no answer' "$(python3 ask.py)"
