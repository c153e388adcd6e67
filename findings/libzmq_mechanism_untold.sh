#!/usr/bin/env bash
# With:  libzmq 4.3.5, as pyzmq 27.1.0 brings it.
# Guess: both sides send their greeting of 64 bytes, so a client without CURVE
#        reads "CURVE" in the server's greeting and can say why it was refused.
# Seen:  a client that sends its whole greeting in one piece gets 10 bytes and
#        the end of the connection. libzmq sends the rest of its greeting only
#        as an answer to the version, and compares the mechanisms before that
#        answer leaves. A client that pauses behind the version gets all of it.
# So:    to tell a user "the peer wants CURVE", send the mechanism only when the
#        peer's is there, or some time has passed. A connection that is closed in
#        the handshake may mean no more than keys forgotten on one side.
source "$(dirname "$0")/lib.sh"
from_pypi pyzmq==27.1.0
cat >ask.py <<'END'
import socket, time
import zmq
from zmtp import greeting

server = zmq.Context().socket(zmq.PULL)
server.curve_server = True
server.curve_publickey, server.curve_secretkey = zmq.curve_keypair()
port = server.bind_to_random_port("tcp://127.0.0.1")


def answer(*parts):
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.settimeout(2)
        got = b""
        try:
            for part in parts:
                client.sendall(part)
                time.sleep(0.3)
            while data := client.recv(4096):
                got += data
        except OSError:
            pass
        return f"{len(got)} bytes, names CURVE: {b'CURVE' in got}"


whole = greeting()
print("in one piece:", answer(whole))
print("pause after the version:", answer(whole[:11], whole[11:]))
END
same "in one piece: 10 bytes, names CURVE: False
pause after the version: 64 bytes, names CURVE: True" "$(python3 ask.py)"
