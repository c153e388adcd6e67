"""A worker by pyzmq that does one job of the type "shout", and leaves.

    protected_worker.py PIPELINE token TOKEN
    protected_worker.py PIPELINE keys SERVER_KEY PUBLIC_KEY SECRET_KEY
"""
import hashlib, json, os, secrets, sys
import zmq
from zmq.auth.thread import ThreadAuthenticator

PIPELINE, MODE, *SECRETS = sys.argv[1:]


class OnlyPipeline:
    """Accepts the key of the pipeline, and no other."""

    def callback(self, _domain, key):
        return key == SECRETS[0].encode()


context = zmq.Context()
gate = ThreadAuthenticator(context)
gate.start()
if MODE == "token":
    gate.configure_plain(domain="*", passwords={"agentzero": SECRETS[0]})
else:
    pipeline_only = OnlyPipeline()
    gate.configure_curve_callback(credentials_provider=pipeline_only)


def client(kind):
    sock = context.socket(kind)
    sock.linger = 1000
    if MODE == "token":
        sock.plain_username, sock.plain_password = b"agentzero", SECRETS[0].encode()
    else:
        sock.curve_serverkey, sock.curve_publickey, sock.curve_secretkey = (
            key.encode() for key in SECRETS
        )
    return sock


requests = client(zmq.REQ)
requests.connect(PIPELINE)
requests.send_json({"type": "describe"})
port = requests.recv_json()["results"].rpartition(":")[2]
results = client(zmq.PUSH)
results.connect(PIPELINE.rpartition(":")[0] + ":" + port)

jobs = context.socket(zmq.PULL)
if MODE == "token":
    jobs.plain_server = True
else:
    jobs.curve_server = True
    jobs.curve_secretkey = SECRETS[2].encode()
address = f"tcp://127.0.0.1:{jobs.bind_to_random_port('tcp://127.0.0.1')}"

secret = secrets.token_hex(16)
worker = hashlib.sha256(secret.encode()).hexdigest()[:40]


def say(message):
    results.send_json({**message, "secret": secret})


def announce(running=()):
    say({
        "type": "available", "v": 1, "id": worker, "address": address,
        "job_type": "shout", "step_name": "shout", "host": "here", "pid": os.getpid(),
        "runtime": "python", "concurrency": 1, "credit": 1, "running": list(running),
        "draining": False, **({"public_key": SECRETS[1]} if MODE == "keys" else {}),
    })


announce()
done = None
while True:
    if not jobs.poll(1000):
        announce([done] if done else [])
        continue
    message = json.loads(jobs.recv())
    if message.get("secret") != secret:
        continue
    if message["type"] == "job":
        done = {"id": message["id"], "attempt": message["attempt"]}
        payload = message.get("payload", message.get("instructions"))
        say({"type": "success", "worker": worker, **done, "result": payload.upper()})
    elif message["type"] == "settled":
        break
say({"type": "leave", "worker": worker})
gate.stop()
context.destroy(linger=1000)
