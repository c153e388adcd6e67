"""A peer of a pipeline with roles, by pyzmq: asks, and tries what it may not.

    curve_peer.py PIPELINE SERVER_KEY PUBLIC_KEY SECRET_KEY < one JSON request a line

Each line is answered with one line. A request with "forge" goes to the socket for
results instead; the answer says whether the pipeline accepted the connection.
"""
import json, sys
import zmq
from zmq.utils.monitor import recv_monitor_message

PIPELINE, SERVER, PUBLIC, SECRET = sys.argv[1:5]
context = zmq.Context()


def connect(kind, address):
    sock = context.socket(kind)
    sock.linger = 0
    sock.curve_serverkey = SERVER.encode()
    sock.curve_publickey = PUBLIC.encode()
    sock.curve_secretkey = SECRET.encode()
    monitor = sock.get_monitor_socket()
    sock.connect(address)
    return sock, monitor


def ask(request):
    sock, _ = connect(zmq.REQ, PIPELINE)
    sock.send_json(request)
    answer = sock.recv_json() if sock.poll(10000) else {"status": None}
    sock.disable_monitor()
    sock.close()
    return answer


def forge(message):
    port = ask({"type": "describe"})["results"].rpartition(":")[2]
    sock, monitor = connect(zmq.PUSH, PIPELINE.rpartition(":")[0] + ":" + port)
    is_in = False
    while monitor.poll(10000):
        event = recv_monitor_message(monitor)["event"]
        if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
            is_in = True
            sock.send_json(message)
            break
        if event in (
            zmq.EVENT_HANDSHAKE_FAILED_AUTH,
            zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL,
            zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL,
        ):
            break
    sock.disable_monitor()
    sock.close(1000)
    return {"connected": is_in}


for line in sys.stdin:
    request = json.loads(line)
    about = forge(request["forge"]) if "forge" in request else ask(request)
    print(json.dumps(about), flush=True)
context.term()
