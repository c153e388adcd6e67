#!/usr/bin/env bash
# With:  huey 3.5.4, redis 5.3.1 (PyPI), a Redis server.
# Guess: get(blocking=True) waits until the task has run, and gives what it
#        returned: None for a task that returns nothing.
# Seen:  None is not stored, so it waits for ever, or until its timeout, for a task
#        that ran well long ago; without blocking "ran" and "not yet" look alike.
#        With store_none=True it is as guessed.
# So:    set store_none=True, or return something, where somebody waits for a task.
source "$(dirname "$0")/lib.sh"
start_redis
from_pypi huey==3.5.4 redis==5.3.1
cat >ask.py <<'END'
import logging, os
from huey import RedisHuey
from huey.exceptions import ResultTimeout

logging.disable(logging.CRITICAL)
for store_none in (False, True):
    huey = RedisHuey(
        f"q{store_none}", host="127.0.0.1", port=int(os.environ["REDIS_PORT"]),
        store_none=store_none)
    ran = []

    @huey.task()
    def number():
        return 7

    @huey.task()
    def nothing():
        ran.append("yes")

    results = [("7", number()), ("None", nothing())]
    while task := huey.dequeue():
        huey.execute(task)
    for name, result in results:
        try:
            got = result.get(blocking=True, timeout=2)
        except ResultTimeout:
            got = "ResultTimeout"
        print(f"store_none={store_none}: returned {name}: {got}")
    print("ran:", *ran)
END
same "store_none=False: returned 7: 7
store_none=False: returned None: ResultTimeout
ran: yes
store_none=True: returned 7: 7
store_none=True: returned None: None
ran: yes" "$(python3 ask.py)"
