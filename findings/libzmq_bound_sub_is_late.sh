#!/usr/bin/env bash
# With:  libzmq 4.3.5, as pyzmq 27.1.0 brings it.
# Guess: libzmq works in a thread of its own, so a SUB sends its subscriptions as
#        soon as a publisher has connected, whatever the program does.
# Seen:  a SUB that connects does. One that is bound sends a new publisher READY
#        and nothing more for as long as its program makes no call on the
#        socket; a receive that finds nothing is enough.
# So:    a publisher that connects to a bound SUB of libzmq loses what it sends
#        until that program, busy with something else, looks at its socket.
#        Wait for the subscription (XPUB), not for the connection.
source "$(dirname "$0")/lib.sh"
from_pypi pyzmq==27.1.0
cat >ask.py <<'END'
import socket
import zmq
from zmtp import greeting, ready

context = zmq.Context()


def hears(peer, seconds):
    peer.settimeout(seconds)
    got = b""
    try:
        while b"SUBSCRIBE" not in got:
            data = peer.recv(4096)
            if not data:
                break
            got += data
    except TimeoutError:
        pass
    return b"SUBSCRIBE" in got


server = socket.create_server(("127.0.0.1", 0))
connecting = context.socket(zmq.SUB)
connecting.subscribe(b"a")
connecting.connect("tcp://127.0.0.1:%d" % server.getsockname()[1])
peer, _ = server.accept()
peer.sendall(greeting() + ready(b"XPUB"))
print("a SUB that connects, no call:", hears(peer, 10))

bound = context.socket(zmq.SUB)
bound.subscribe(b"a")
port = bound.bind_to_random_port("tcp://127.0.0.1")
peer = socket.create_connection(("127.0.0.1", port))
peer.sendall(greeting() + ready(b"XPUB"))
print("a SUB that is bound, no call:", hears(peer, 3))
try:
    bound.recv(zmq.NOBLOCK)
except zmq.Again:
    pass
print("a SUB that is bound, after a call:", hears(peer, 10))
END
same "a SUB that connects, no call: True
a SUB that is bound, no call: False
a SUB that is bound, after a call: True" "$(python3 ask.py)"
