#!/usr/bin/env bash
# With:  rq 3.0.0, redis 7.4.1 (PyPI), a Redis server.
# Guess: enqueue() with the job_id of a job that still waits is refused, or adds
#        nothing; one job runs, with the arguments of the first.
# Seen:  the new one takes the place of the old, and the id is in the queue twice:
#        what was asked for second runs twice, what was asked for first never.
# So:    an id does not make enqueue() safe to repeat. Ask with Job.exists() first,
#        or have the function look whether its work is done.
source "$(dirname "$0")/lib.sh"
start_redis
from_pypi rq==3.0.0 redis==7.4.1
cat >work.py <<'END'
def pay(who):
    print("pays", who, flush=True)
END
cat >ask.py <<'END'
import os

from redis import Redis
from rq import Queue, SimpleWorker

import work

redis = Redis(port=int(os.environ["REDIS_PORT"]))
queue = Queue(connection=redis)
queue.enqueue(work.pay, "Ada", job_id="invoice-7")
queue.enqueue(work.pay, "Bo", job_id="invoice-7")
print(queue.job_ids)
SimpleWorker([queue], connection=redis).work(burst=True, logging_level="CRITICAL")
END
export PYTHONPATH="$PYTHONPATH:$work"
same "['invoice-7', 'invoice-7']
pays Bo
pays Bo" "$(python3 ask.py 2>/dev/null)"
