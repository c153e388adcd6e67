#!/usr/bin/env bash
# With:  Deno 2.9.6 from npm, its Jupyter kernel; pyzmq 27.1.0 as its clients.
# Guess: stdin is a ROUTER, and Jupyter's protocol says that input is asked of the
#        client that sent the cell, so `prompt()` reaches that one alone.
# Seen:  the request goes to every client that is connected to stdin, whatever its
#        identity, and an answer of any of them is taken. The client that sent
#        the cell gets the result of what another one typed.
# So:    answer an input_request only if its parent_header is a request of yours,
#        and let no stranger connect to stdin.
source "$(dirname "$0")/lib.sh"
from_pypi pyzmq==27.1.0
from_npm deno@2.9.6
node "$work/node_modules/deno/install.cjs" >/dev/null 2>&1 || true
export DENO="$work/node_modules/.bin/deno" DENO_DIR="$work/deno"
"$DENO" --version >/dev/null 2>&1 || cannot_try "Deno from npm"
cat >ask.py <<'END_OF_ASK'
import hashlib, hmac, json, os, socket, subprocess, uuid
import zmq
from zmq.utils.monitor import recv_monitor_message

KEY = b"key"
CHANNELS = ["shell", "iopub", "stdin", "control", "hb"]


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def frames(kind, content, parent):
    header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": "s",
              "username": "u", "date": "2026-01-01T00:00:00Z", "version": "5.3"}
    parts = [json.dumps(part).encode() for part in (header, parent, {}, content)]
    signature = hmac.new(KEY, b"".join(parts), hashlib.sha256).hexdigest()
    return [b"<IDS|MSG>", signature.encode(), *parts]


def read(sock):
    if not sock.poll(20_000):
        return None, None
    header, _, _, content = map(json.loads, sock.recv_multipart()[-4:])
    return header, content


ports = dict(zip(CHANNELS, free_ports(5)))
with open("kernel.json", "w") as file:
    json.dump({"transport": "tcp", "ip": "127.0.0.1", "key": KEY.decode(),
               "signature_scheme": "hmac-sha256", "kernel_name": "deno",
               **{name + "_port": port for name, port in ports.items()}}, file)
kernel = subprocess.Popen(
    [os.environ["DENO"], "jupyter", "--kernel", "--conn", "kernel.json"],
    stderr=subprocess.DEVNULL)
context = zmq.Context()


def dealer(identity, channel):
    sock = context.socket(zmq.DEALER)
    sock.identity, sock.linger = identity, 0
    sock.connect("tcp://127.0.0.1:%d" % ports[channel])
    return sock


shell, mine, other = dealer(b"ada", "shell"), dealer(b"ada", "stdin"), dealer(b"bob", "stdin")
monitors = [each.get_monitor_socket() for each in (mine, other)]
for monitor in monitors:
    while recv_monitor_message(monitor)["event"] != zmq.EVENT_HANDSHAKE_SUCCEEDED:
        pass
shell.send_multipart(frames("execute_request", {
    "code": "const name = prompt('Name?'); if (name !== 'Bob') throw name",
    "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": True}, {}))
for name, sock in (("ada, who sent the cell", mine), ("bob", other)):
    header, content = read(sock)
    print(name, "is asked:", content and content["prompt"])
other.send_multipart(frames("input_reply", {"value": "Bob"}, header or {}))
print("the cell with bob's answer:", read(shell)[1]["status"])
kernel.kill()
END_OF_ASK
same "ada, who sent the cell is asked: Name?
bob is asked: Name?
the cell with bob's answer: ok" "$(python3 ask.py)"
