"""Test support. A peer of the Majordomo Protocol (RFC 7) in Python, on libzmq.

    mdp_peer.py worker ADDRESS SERVICE   reverses the frames it gets, until its stdin ends
    mdp_peer.py client ADDRESS SERVICE FRAME...   asks once, and prints the reply
"""

import os
import sys
import threading

import zmq

READY, REQUEST, REPLY, HEARTBEAT, DISCONNECT = (bytes([n]) for n in range(1, 6))


def worker(address, service):
    socket = zmq.Context.instance().socket(zmq.DEALER)
    socket.connect(address)
    socket.send_multipart([b"", b"MDPW01", READY, service])
    while True:
        if not socket.poll(100):
            socket.send_multipart([b"", b"MDPW01", HEARTBEAT])
            continue
        empty, header, command, *rest = socket.recv_multipart()
        assert (empty, header) == (b"", b"MDPW01"), (empty, header)
        if command == DISCONNECT:
            print("disconnected", flush=True)
            return
        if command == REQUEST:
            client, empty, *body = rest
            assert empty == b""
            reply = [frame[::-1] for frame in body]
            socket.send_multipart([b"", b"MDPW01", REPLY, client, b"", *reply])


def client(address, service, *body):
    socket = zmq.Context.instance().socket(zmq.REQ)
    socket.connect(address)
    socket.send_multipart([b"MDPC01", service, *body])
    header, name, *reply = socket.recv_multipart()
    assert (header, name) == (b"MDPC01", service), (header, name)
    print(b" ".join(reply).decode(), flush=True)


def end_with_parent():
    sys.stdin.read()
    os._exit(1)


role, address, service, *frames = sys.argv[1:]
threading.Thread(target=end_with_parent, daemon=True).start()
run = {"worker": worker, "client": client}[role]
run(address, service.encode(), *(frame.encode() for frame in frames))
os._exit(0)
