// A peer with go-zeromq: answers requests in upper case, until it is killed:
// an answer that it has just sent may be lost if it ends by itself.
package main

import (
	"context"
	"log"
	"os"
	"strings"

	"github.com/go-zeromq/zmq4"
)

func main() {
	reply := zmq4.NewRep(context.Background())
	defer reply.Close()
	if err := reply.Dial(os.Args[1]); err != nil {
		log.Fatal(err)
	}
	for {
		request, err := reply.Recv()
		if err != nil {
			log.Fatal(err)
		}
		text := string(request.Bytes())
		answer := zmq4.NewMsgString(strings.ToUpper(text))
		if err := reply.Send(answer); err != nil {
			log.Fatal(err)
		}
	}
}
