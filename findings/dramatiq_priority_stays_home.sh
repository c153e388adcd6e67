#!/usr/bin/env bash
# With:  dramatiq 2.2.1, redis 5.3.1 (PyPI), a Redis server.
# Guess: of messages that wait in a queue one of an actor with priority 0 is done
#        before those of an actor with priority 10: lower goes first.
# Seen:  in Redis they wait in the order in which they came, whatever their
#        priority. It sorts only what a worker has fetched already (here two
#        messages a thread); behind 30 others the urgent one came last.
# So:    with a backlog, priority does next to nothing. Give what is urgent a queue
#        and a worker of its own.
source "$(dirname "$0")/lib.sh"
start_redis
from_pypi dramatiq==2.2.1 redis==5.3.1
cat >ask.py <<'END'
import os, threading
import dramatiq
from dramatiq.brokers.redis import RedisBroker

broker = RedisBroker(host="127.0.0.1", port=int(os.environ["REDIS_PORT"]))
dramatiq.set_broker(broker)
done = []
all_done = threading.Event()


def note(name):
    done.append(name)
    if len(done) == 31:
        all_done.set()


@dramatiq.actor(priority=10)
def patient():
    note("patient")


@dramatiq.actor(priority=0)
def urgent():
    note("urgent")


for _ in range(30):
    patient.send()
urgent.send()
worker = dramatiq.Worker(broker, worker_threads=1)
worker.start()
all_done.wait(60)
worker.stop()
print("the urgent one came as number", done.index("urgent") + 1, "of", len(done))
END
same "the urgent one came as number 31 of 31" "$(python3 ask.py 2>/dev/null)"
