"""Benchmark peer over pyzmq: the scenes of scenes/ that compare speed, with the
same arguments and answers. Plain blocking sockets, which is the fastest that
pyzmq has.
"""

import json
import os
import select
import sys
import threading
import time

import zmq

KIND = 8
context = zmq.Context()
args = dict(word.split("=", 1) for word in sys.argv[2:])


def answer(**values):
    print(json.dumps(values), flush=True)


def number(name, fallback=None):
    return int(args.get(name, fallback))


def next_order(seconds):
    """What the suite has said, if it has; "stop" once it is gone."""
    if not select.select([sys.stdin], [], [], seconds)[0]:
        return None
    return sys.stdin.readline().strip() or "stop"


def open_socket(kind):
    socket = context.socket(kind)
    socket.set_hwm(number("hwm", 1000))
    if "server_secret" in args:
        socket.curve_server = True
        socket.curve_secretkey = args["server_secret"].encode()
    if "server_key" in args:
        socket.curve_serverkey = args["server_key"].encode()
        socket.curve_publickey = args["public"].encode()
        socket.curve_secretkey = args["secret"].encode()
    return socket


def bound(kind):
    socket = open_socket(kind)
    socket.bind(args["bind"])
    answer(endpoint=socket.last_endpoint.decode())
    return socket


def connected(kind):
    socket = open_socket(kind)
    socket.connect(args["connect"])
    return socket


def pull():
    socket = bound(zmq.PULL)
    for _ in range(number("warm")):
        socket.recv()
    start = time.perf_counter()
    for _ in range(number("count") - number("warm")):
        socket.recv()
    answer(ms=(time.perf_counter() - start) * 1000)
    socket.close()


def push():
    socket = connected(zmq.PUSH)
    send(socket)
    next_order(None)  # over ipc, libzmq loses the last messages of a sender that closes at once
    socket.close()


def send(socket):
    body = b"a" * number("size")
    for _ in range(number("count")):
        socket.send(body)


def inproc():
    socket = open_socket(zmq.PULL)
    socket.bind("inproc://bench")

    def send_from_thread():
        sender = open_socket(zmq.PUSH)
        sender.connect("inproc://bench")
        send(sender)
        sender.close()

    thread = threading.Thread(target=send_from_thread)
    thread.start()
    for _ in range(number("warm")):
        socket.recv()
    start = time.perf_counter()
    for _ in range(number("count") - number("warm")):
        socket.recv()
    answer(ms=(time.perf_counter() - start) * 1000)
    thread.join()
    socket.close()


def rep():
    socket = bound(zmq.REP)
    for _ in range(number("warm") + number("count")):
        socket.send(socket.recv())
    socket.close()


def req():
    socket = connected(zmq.REQ)
    body = b"a" * number("size")
    times = []
    for i in range(-number("warm"), number("count")):
        start = time.perf_counter()
        socket.send(body)
        socket.recv()
        if i >= 0:
            times.append((time.perf_counter() - start) * 1e6)
    times.sort()
    at = lambda share: times[min(len(times) - 1, int(share * len(times)))]
    answer(p50=at(0.5), p99=at(0.99), p999=at(0.999))
    socket.close()


def pub():
    socket = bound(zmq.PUB)
    body = lambda topic, size, kind: (b"t%07d" % topic + kind).ljust(size, b"a")
    messages = [body(i, number("size"), b"d") for i in range(number("topics"))]
    for _ in range(number("passes")):
        while next_order(0.005) is None:
            socket.send(body(0, 64, b"p"))
        for i in range(number("count")):
            socket.send(messages[i % len(messages)])
        while next_order(0.005) is None:
            socket.send(body(0, 64, b"e"))
    socket.close()


def sub():
    sockets = [open_socket(zmq.SUB) for _ in range(number("sockets"))]
    for socket in sockets:
        socket.sndhwm = 0
        for topic in range(number("topics")):
            socket.subscribe(b"t%07d" % topic)
        socket.connect(args["connect"])
    for _ in range(number("passes")):
        listen(sockets)
    context.destroy(linger=0)


def listen(sockets):
    poller = zmq.Poller()
    for socket in sockets:
        poller.register(socket, zmq.POLLIN)
    unready = set(sockets)
    received, start, left = 0, 0, len(unready)
    while left > 0:
        for socket, _ in poller.poll():
            while True:
                try:
                    kind = socket.recv(zmq.DONTWAIT)[KIND : KIND + 1]
                except zmq.Again:
                    break
                if kind == b"d":
                    if received == 0:
                        start = time.perf_counter()
                    received += 1
                elif kind == b"p":
                    if socket in unready:
                        unready.discard(socket)
                        if not unready:
                            answer(ready=True)
                elif socket not in unready:  # else it is the end of the last pass
                    poller.unregister(socket)
                    left -= 1
                    break
    answer(ms=(time.perf_counter() - start) * 1000, received=received)


def router():
    socket = bound(zmq.ROUTER)
    poller = zmq.Poller()
    poller.register(socket, zmq.POLLIN)
    poller.register(sys.stdin, zmq.POLLIN)
    while True:
        for source, _ in poller.poll():
            if source is not socket:
                if next_order(0) == "stop":
                    return socket.close(linger=0)
                with open("/proc/self/statm") as file:
                    pages = int(file.read().split()[1])
                answer(memory=pages * os.sysconf("SC_PAGESIZE"))
                continue
            while True:
                try:
                    socket.send_multipart(socket.recv_multipart(zmq.DONTWAIT))
                except zmq.Again:
                    break


SCENES = [pull, push, inproc, rep, req, pub, sub, router]
{scene.__name__: scene for scene in SCENES}[sys.argv[1]]()
context.term()
