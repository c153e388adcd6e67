/**
 * What the programs see with zeromq.js 6.8 on Node, recorded there.
 *
 * @module
 */

/** By the name of the program. */
export const SEEN: Readonly<Record<string, readonly string[]>> = {
  "a producer and a worker": [
    "job 1",
    "job 2",
    "job 3",
    "true true",
  ],
  "a publisher and a subscriber": [
    "1 kitty cats",
    "kitty cats: meow!",
    "0 kitty cats",
  ],
  "a request and its reply": [
    "8",
    "true",
  ],
  "requests and replies out of turn": [
    "re a",
    "re b",
    "re c",
    "EFSM",
    "EFSM",
  ],
  "calls that wait when their socket is closed": [
    "EAGAIN",
    "EAGAIN",
    "EAGAIN",
    "EAGAIN",
    "EFSM",
    "done",
    "done",
    "EFSM",
    "EAGAIN",
    "EAGAIN",
    "EAGAIN",
    "EFSM",
  ],
  "a router that knows its dealers by name": [
    "a 0 hello",
    "|for a",
    "b 0 hello",
    "|for b",
    "EHOSTUNREACH",
  ],
  "what goes wrong has a code": [
    "EAGAIN",
    "EAGAIN",
    "EADDRINUSE",
    "EINVAL",
    "EPROTONOSUPPORT",
    "EFSM",
    "EBADF",
  ],
  "options are properties": [
    "0",
    "7",
    "1000",
    "me",
    "500",
    "true",
    "100",
    "-1",
    "false",
    "null",
    "null",
    "5",
  ],
  "events as listeners and as an iteration": [
    "bind tcp://127.0.0.1:port",
    "handshake",
  ],
  "curve": [
    "40",
    "a secret",
    "kept",
  ],
  "a handler of zap": [
    "test PLAIN me wrong",
    "refused with 400",
    "test PLAIN me right",
    "accepted",
  ],
  "a proxy": [
    "through",
  ],
  "what can be sent": [
    "text",
    "42",
    "",
    "hi",
    "hi",
  ],
};
