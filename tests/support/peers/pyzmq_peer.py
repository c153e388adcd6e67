"""Test support. A real libzmq peer in Python, as a program around AgentZero
would be: does with pyzmq what it reads as JSON lines on stdin, and answers on
stdout. The protocol is that of zeromq_peer.mjs; sendValue, receiveValue and
publishValue are for serialized data. Ends with its stdin. `--version` only
prints libzmq's version and pyzmq's.
"""

import asyncio
import base64
import json
import os
import sys

import msgpack
import zmq
import zmq.asyncio

OPTIONS = {
    "curveServer": zmq.CURVE_SERVER,
    "curvePublicKey": zmq.CURVE_PUBLICKEY,
    "curveSecretKey": zmq.CURVE_SECRETKEY,
    "curveServerKey": zmq.CURVE_SERVERKEY,
    "plainServer": zmq.PLAIN_SERVER,
    "plainUsername": zmq.PLAIN_USERNAME,
    "plainPassword": zmq.PLAIN_PASSWORD,
    "zapDomain": zmq.ZAP_DOMAIN,
    "linger": zmq.LINGER,
    "sendHighWaterMark": zmq.SNDHWM,
    "receiveHighWaterMark": zmq.RCVHWM,
    "routingId": zmq.IDENTITY,
    "reconnectInterval": zmq.RECONNECT_IVL,
    "maxMessageSize": zmq.MAXMSGSIZE,
    "immediate": zmq.IMMEDIATE,
    "heartbeatInterval": zmq.HEARTBEAT_IVL,
    "heartbeatTimeout": zmq.HEARTBEAT_TIMEOUT,
    "heartbeatTimeToLive": zmq.HEARTBEAT_TTL,
    "mandatory": zmq.ROUTER_MANDATORY,
    "handover": zmq.ROUTER_HANDOVER,
    "probeRouter": zmq.PROBE_ROUTER,
    "relaxed": zmq.REQ_RELAXED,
    "correlate": zmq.REQ_CORRELATE,
}

# What `send_safe` and `publish_safe` do before they hand the bytes to pyzmq.
PACK = {
    "json": lambda value: json.dumps(value).encode("utf-8"),
    "compact": lambda value: zmq.utils.jsonapi.dumps(value),
    "unicode": lambda value: json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8"),
    "msgpack": lambda value: msgpack.packb(value),
}
UNPACK = {
    "json": lambda data: json.loads(data),
    "msgpack": lambda data: msgpack.unpackb(data, strict_map_key=False),
}

context = zmq.asyncio.Context()
sockets = {}


def encode(frame):
    return base64.b64encode(frame).decode("ascii")


def decode(text):
    return base64.b64decode(text)


def literal(text):
    """A value that JSON may be unable to carry, as Python source."""
    return eval(text, {"msgpack": msgpack})


async def open_socket(_socket, command):
    number = len(sockets) + 1
    socket = context.socket(getattr(zmq, command["type"]))
    sockets[number] = socket
    for name, value in {"linger": 0, **command["options"]}.items():
        if name == "verbosity":
            socket.set(zmq.XPUB_VERBOSE, value == "allSubs")
        elif isinstance(value, list):  # bytes
            socket.set(OPTIONS[name], decode(value[0]))
        elif isinstance(value, str):
            socket.set(OPTIONS[name], value.encode("utf-8"))
        else:
            socket.set(OPTIONS[name], value)
    return number


async def bind(socket, command):
    socket.bind(command["address"])
    return socket.get(zmq.LAST_ENDPOINT).rstrip(b"\0").decode("utf-8")


async def unbind(socket, command):
    socket.unbind(command["address"])


async def connect(socket, command):
    if "routingId" in command:
        socket.set(zmq.CONNECT_ROUTING_ID, command["routingId"].encode("utf-8"))
    socket.connect(command["address"])


async def disconnect(socket, command):
    socket.disconnect(command["address"])


async def send(socket, command):
    await socket.send_multipart([decode(text) for text in command["frames"]])


async def receive(socket, _command):
    while True:
        try:
            return [encode(frame) for frame in await socket.recv_multipart()]
        except zmq.Again:
            pass  # what seemed to be there was an answer to an earlier request


async def send_series(socket, command):
    head = [decode(text) for text in command["head"]]
    for i in range(command["count"]):
        await socket.send_multipart([*head, str(i).encode("ascii")])


async def receive_series(socket, command):
    last = []
    while len(last) < command["count"]:
        last.append((await socket.recv_multipart())[-1].decode("ascii"))
    return last


async def subscribe(socket, command):
    socket.setsockopt(zmq.SUBSCRIBE, decode(command["topic"]))


async def unsubscribe(socket, command):
    socket.setsockopt(zmq.UNSUBSCRIBE, decode(command["topic"]))


async def attend(socket, _command):
    """Has libzmq do what it has put off."""
    return socket.get(zmq.EVENTS)


async def close(socket, command):
    sockets[command["socket"]] = None
    socket.close(command.get("linger"))


async def send_value(socket, command):
    value = literal(command["literal"])
    if command["format"] == "send_json":
        await socket.send_json(value)
    else:
        await socket.send(PACK[command["format"]](value))


async def publish_value(socket, command):
    data = PACK[command["format"]](literal(command["literal"]))
    await socket.send_multipart([command["topic"].encode("utf-8"), data])


async def receive_value(socket, command):
    """The repr of what came, so that the test can compare Python's own view."""
    if command["format"] == "recv_json":
        value = await socket.recv_json()
    else:
        value = UNPACK[command["format"]]((await socket.recv_multipart())[-1])
    expected = literal(command["literal"])
    if value != expected or repr(value) != repr(expected):
        raise ValueError("%r is not %r" % (value, expected))


COMMANDS = {
    "open": open_socket,
    "bind": bind,
    "unbind": unbind,
    "connect": connect,
    "disconnect": disconnect,
    "send": send,
    "receive": receive,
    "sendSeries": send_series,
    "receiveSeries": receive_series,
    "subscribe": subscribe,
    "unsubscribe": unsubscribe,
    "attend": attend,
    "close": close,
    "sendValue": send_value,
    "publishValue": publish_value,
    "receiveValue": receive_value,
}


async def handle(command):
    answer = {"id": command["id"]}
    try:
        socket = sockets.get(command.get("socket"))
        answer["value"] = await COMMANDS[command["do"]](socket, command)
    except zmq.ZMQError as error:
        name = zmq.Errno(error.errno).name
        answer["error"] = {"code": name, "message": str(error)}
    except asyncio.CancelledError:
        answer["error"] = {"code": "ECANCELED", "message": "the socket was closed"}
    except Exception as error:
        answer["error"] = {"code": type(error).__name__, "message": str(error)}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


async def main():
    reader = asyncio.StreamReader(limit=1 << 26)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    tasks = set()
    async for line in reader:
        task = asyncio.ensure_future(handle(json.loads(line)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    os._exit(0)


if "--version" in sys.argv:
    print(zmq.zmq_version(), zmq.__version__)
else:
    asyncio.run(main())
