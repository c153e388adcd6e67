#!/usr/bin/env python3
"""Submits a job to a pipeline, shows its progress, and prints its result.

    python3 client.py measure '"hello"'
    python3 client.py resize '{"path": "cat.png"}' --pipeline tcp://host:7450 --id cat-1

It needs python3-zmq (or `pip install pyzmq`) and nothing else. The result goes
to stdout as JSON, everything else to stderr; the exit code is 0 only with a result.
"""
import argparse
import json
import math
import sys
import time
import uuid

import zmq

PATIENCE_S = 2.0  # if an answer takes longer, the request is sent again
PAUSE_S = 0.5  # before a request is sent again to a busy pipeline
LOOK_S = 0.5  # how often to show progress


class PipelineError(Exception):
    """An error of the pipeline, or a job that failed."""


class Client:
    """Sends requests to one pipeline. Times are in seconds, on the wire in milliseconds."""

    def __init__(self, address, timeout_s=math.inf):
        self.address = address
        self.ends_at = time.monotonic() + timeout_s
        self.context = zmq.Context.instance()

    def submit(self, flow, payload, id=None):
        """Submits a flow. When it returns, the pipeline has committed it.

        With an id, submitting twice is harmless: a lost submission is repeated,
        and one whose answer was lost does not count twice.
        """
        id = id or str(uuid.uuid4())
        return self.ask(type="submit", flow=flow, payload=payload, id=id)["id"]

    def result(self, id, notify=lambda job: None):
        """Waits for the result of a flow; calls `notify` with its jobs meanwhile."""
        while True:
            # The pipeline holds the answer back until there is a result.
            flow = self.ask(type="result", id=id, wait_ms=int(1000 * LOOK_S))
            if flow["state"] == "completed":
                return flow.get("result")
            if flow["state"] != "running":
                error = flow.get("error") or {"name": flow["state"], "message": id}
                raise PipelineError(f"{error['name']}: {error['message']}")
            if self._left_s() <= LOOK_S:
                raise PipelineError("Timed out: the flow is still running")
            for job in self.ask(type="status", id=id)["jobs"]:
                notify(job)

    def ask(self, **request):
        """Sends a request until it is answered, as long as that may help."""
        while True:
            answer = self._ask_once(request)
            if answer is None:
                self._pause(0, f"no answer from {self.address}")
            elif answer["status"] == 200:
                return answer
            elif answer["status"] in (300, 429):  # not now; the queue is full
                self._pause(PAUSE_S, answer["message"])
            else:
                raise PipelineError(f"{answer['code']}: {answer['message']}")

    def _ask_once(self, request):
        """Returns the answer, or None. A REQ without an answer cannot be used again."""
        patience_s = min(PATIENCE_S, self._left_s())
        patience_ms = 1000 * patience_s + request.get("wait_ms", 0)
        with self.context.socket(zmq.REQ) as socket:
            socket.linger = 0
            socket.connect(self.address)
            socket.send_json(request)
            return socket.recv_json() if socket.poll(patience_ms) else None

    def _left_s(self):
        return max(0, self.ends_at - time.monotonic())

    def _pause(self, seconds, why):
        if self._left_s() <= seconds:
            raise PipelineError(f"Timed out: {why}")
        print(f"{why}; trying again", file=sys.stderr)
        time.sleep(seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("flow", help="the name of the flow")
    parser.add_argument("payload", nargs="?", default="null", type=json.loads, help="JSON")
    parser.add_argument("--pipeline", default="tcp://127.0.0.1:7450", help="its address for requests")
    parser.add_argument("--id", help="submitted with the same id again, it counts once")
    parser.add_argument("--timeout", type=float, default=math.inf, metavar="SECONDS", help="give up after")
    args = parser.parse_args()

    shown = {}  # the last line about each job

    def show(job):
        part = job.get("progress")
        text = f"{job['job_type']}: {job['state']}" + ("" if part is None else f", {part:.0%}")
        if shown.get(job["id"]) != text:
            print(text, file=sys.stderr)
        shown[job["id"]] = text

    client = Client(args.pipeline, args.timeout)
    try:
        id = client.submit(args.flow, args.payload, args.id)
        print(f"submitted as {id}", file=sys.stderr)
        print(json.dumps(client.result(id, show)))
    except PipelineError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
