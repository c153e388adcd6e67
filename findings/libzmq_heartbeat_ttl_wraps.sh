#!/usr/bin/env bash
# With:  libzmq 4.3.5, as pyzmq 27.1.0 brings it.
# Guess: the TTL of a PING counts tenths of a second in 16 bits, so it can say up
#        to 6,553.5 s, and zmq_setsockopt(3) allows ZMQ_HEARTBEAT_TTL up to that.
# Seen:  libzmq takes it times 100 into 16 bits. 65.5 s is understood; 65.6 s
#        comes out as 64 ms: after a PING with it libzmq hangs up a peer that
#        says nothing more for that long.
# So:    do not set a TTL above 65,500 ms towards peers on libzmq.
source "$(dirname "$0")/lib.sh"
from_pypi pyzmq==27.1.0
cat >ask.py <<'END'
import socket, struct, time
import zmq
from zmtp import command, greeting, ready

context = zmq.Context()
for tenths in (655, 656):
    router = context.socket(zmq.ROUTER)
    port = router.bind_to_random_port("tcp://127.0.0.1")
    peer = socket.create_connection(("127.0.0.1", port))
    peer.sendall(greeting() + ready(b"DEALER"))
    got = b""
    while b"READY" not in got:
        got += peer.recv(4096)
    peer.sendall(command(b"PING", struct.pack(">H", tenths) + b"here"))
    got = b""
    while b"PONG" not in got:
        got += peer.recv(4096)
    peer.settimeout(3)
    try:
        end = "hangs up within 3 s" if peer.recv(4096) == b"" else "says more"
    except TimeoutError:
        end = "stays for 3 s at least"
    print(f"TTL {tenths / 10} s:", end)
END
same "TTL 65.5 s: stays for 3 s at least
TTL 65.6 s: hangs up within 3 s" "$(python3 ask.py)"
