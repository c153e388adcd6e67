#!/usr/bin/env bash
# With:  libzmq 4.3.4, as pyzmq 24.0.1 brings it (and Debian 12 as python3-zmq);
#        beside it libzmq 4.3.5 of pyzmq 27.1.0.
# Guess: a topic that does not fit a short frame any more is sent in a long one.
# Seen:  the body of the SUBSCRIBE command is 10 bytes longer than the topic. For
#        topics of 246 to 255 bytes 4.3.4 writes a size of 8 bytes behind flags
#        that say it has 1 byte (04 where 06 is right). A peer that goes by the
#        flags reads a command of size 0 and loses the connection, and with it
#        all other topics, for ever. 245 and 256 bytes are right. 4.3.5 mends it.
# So:    a publisher that is to serve Debian 12 reads 04 followed by seven zero
#        bytes and 01 as what was meant, or has shorter topics.
source "$(dirname "$0")/lib.sh"
cat >ask.py <<'END'
import socket, time
import zmq
from zmtp import greeting, ready

server = socket.create_server(("127.0.0.1", 0))
sub = zmq.Context().socket(zmq.SUB)
sub.connect("tcp://127.0.0.1:%d" % server.getsockname()[1])
peer, _ = server.accept()
peer.settimeout(5)
peer.sendall(greeting() + ready(b"XPUB"))
got = b""
while b"READY" not in got:
    got += peer.recv(4096)
time.sleep(0.2)
for size in (245, 246, 255, 256):
    sub.subscribe(b"t" * size)
    frame = b""
    while frame.count(b"t") < size:
        frame += peer.recv(4096)
    print(zmq.zmq_version(), size, frame[:frame.index(b"SUBSCRIBE") - 1].hex())
END
from_pypi pyzmq==24.0.1
old=$(python3 ask.py)
rm -r python
from_pypi pyzmq==27.1.0
same "4.3.4 245 04ff
4.3.4 246 040000000000000100
4.3.4 255 040000000000000109
4.3.4 256 06000000000000010a
4.3.5 245 04ff
4.3.5 246 060000000000000100
4.3.5 255 060000000000000109
4.3.5 256 06000000000000010a" "$old
$(python3 ask.py)"
