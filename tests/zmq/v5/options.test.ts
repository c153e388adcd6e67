/** Tests of options in the API of zeromq.js 5, of contexts and of the module. */
import { assert, assertEquals } from "@std/assert";
import { EventEmitter } from "node:events";
import { inherits } from "node:util";
import { z85Decode } from "../../../src/zmq/z85.ts";
import zmq, * as all from "../../../src/zmq/v5/mod.ts";
import { test } from "../../support/harness.ts";
import { codeOf, messages, socketsOf } from "./sockets.ts";

test("options by number, by name and as properties", (t) => {
  const request = socketsOf(t)("req");
  assertEquals(request.getsockopt(zmq.ZMQ_BACKLOG), 100);
  assert(request.setsockopt(zmq.ZMQ_BACKLOG, 75) === request);
  assertEquals(request.getsockopt("backlog"), 75);
  request.backlog = 50;
  assertEquals(request.backlog, 50);
  request.setsockopt("linger", 1.5);
  assertEquals(request.linger, 1);
  for (
    const [option, value] of [
      ["foo", 1],
      [9999, 1],
      ["linger", -5],
      ["linger", "5"],
      ["linger", undefined],
      ["identity", ""],
      ["identity", 5],
      ["mechanism", 2],
    ] as const
  ) {
    assertEquals(
      codeOf(() => request.setsockopt(option as "linger", value)),
      "EINVAL",
      `${option} = ${value}`,
    );
  }
  assertEquals(codeOf(() => request.getsockopt("foo" as "linger")), "EINVAL");
  assertEquals(codeOf(() => request._fd), "ENOTSUP");
});

test("flags are 0 and 1, unset options are empty text", (t) => {
  const router = socketsOf(t)("router");
  assertEquals(router.plain_server, 0);
  router.plain_server = 1;
  assertEquals(router.plain_server, 1);
  assertEquals(router.mechanism, 1);
  assertEquals(router.identity, "");
  assertEquals(router.zap_domain, "");
  assertEquals(router.last_endpoint, "");
  assertEquals(router.getsockopt(zmq.ZMQ_TYPE), zmq.ZMQ_ROUTER);
  assertEquals(router.getsockopt(zmq.ZMQ_IPV4ONLY), 1);
  router.setsockopt(zmq.ZMQ_IPV4ONLY, 0);
  assertEquals(router.getsockopt(zmq.ZMQ_IPV6), 1);
  assertEquals(router._receiveMore, 0);
  assertEquals(router._ioevents, zmq.ZMQ_POLLOUT);
});

test("options that only tune libzmq are stored, and read back", (t) => {
  const router = socketsOf(t)("router");
  assertEquals(
    [router.affinity, router.rate, router.rcvbuf, router.sndbuf],
    [0, 100, -1, -1],
  );
  router.affinity = 1;
  router.rcvbuf = router.sndbuf = 65536;
  router.recovery_ivl = 200;
  router.setsockopt(zmq.ZMQ_TCP_KEEPALIVE_CNT, 3);
  router.setsockopt(zmq.ZMQ_TCP_KEEPALIVE_INTVL, 5);
  assertEquals(
    [router.affinity, router.rcvbuf, router.sndbuf, router.recovery_ivl],
    [1, 65536, 65536, 200],
  );
  assertEquals(router.getsockopt(zmq.ZMQ_TCP_KEEPALIVE_CNT), 3);
  router.hwm = 7;
  assertEquals(router.getsockopt(zmq.ZMQ_SNDHWM), 7);
  assertEquals(router.getsockopt(zmq.ZMQ_RCVHWM), 7);
});

test("keys of CURVE: Z85 or bytes; a socket talks with them", async (t) => {
  const socket = socketsOf(t);
  const server = zmq.curveKeypair();
  const client = zmq.curveKeypair();
  assertEquals([server.public.length, server.secret.length], [40, 40]);
  const reply = socket("rep");
  reply.curve_server = 1;
  reply.setsockopt(zmq.ZMQ_CURVE_SECRETKEY, z85Decode(server.secret));
  assertEquals(reply.curve_secretkey, server.secret);
  assertEquals(reply.mechanism, 2);
  reply.bindSync("tcp://127.0.0.1:*");
  reply.on("message", (question) => reply.send(question));
  const request = socket("req", {
    curve_serverkey: server.public,
    curve_publickey: client.public,
    curve_secretkey: client.secret,
  });
  assertEquals(request.curve_publickey, client.public);
  request.connect(reply.last_endpoint);
  request.send("secret");
  assertEquals(await messages(request, 1), [["secret"]]);
  assertEquals(codeOf(() => request.curve_publickey = "abc"), "EINVAL");
});

test("options of a new socket are its properties; one that fails leaves nothing", (t) => {
  const socket = socketsOf(t);
  const request = socket("req", { linger: 5, identity: "abc", other: 7 });
  assertEquals([request.linger, request.identity], [5, "abc"]);
  assertEquals((request as unknown as { other: number }).other, 7);
  assertEquals(codeOf(() => zmq.socket("req", { linger: "x" })), "EINVAL");
  for (const type of ["foo", "REQ", 3, undefined, "constructor"]) {
    assertEquals(codeOf(() => zmq.socket(type as "req")), "EINVAL");
  }
});

test("sockets may be made by new, by a class, and by functions that inherit", (t) => {
  const close = (socket: all.Socket) => t.cleanup(() => socket.close());
  const made = new zmq.Socket("req");
  close(made);
  assert(made instanceof zmq.Socket && made instanceof EventEmitter);
  assertEquals(made.constructor, zmq.Socket);
  class Own extends zmq.Socket {
    own = 5;
  }
  const own = new Own("pull");
  close(own);
  assert(own instanceof Own && own.own === 5 && own.type === "pull");
  function Old(this: all.Socket) {
    zmq.Socket.call(this, "push");
  }
  inherits(Old, zmq.Socket);
  const old = new (Old as unknown as new () => all.Socket)();
  close(old);
  assert(old instanceof Old && old instanceof zmq.Socket);
  old.linger = 0;
  assertEquals([old.type, old.linger], ["push", 0]);
  old.on("x", () => {});
  assertEquals(old.listenerCount("x"), 1);
});

test("the module has its names on itself and on its default", () => {
  assertEquals(all.socket, zmq.createSocket);
  assertEquals(all.ZMQ_SNDMORE, 2);
  assertEquals(zmq.ZMQ_SNDMORE, 2);
  assertEquals(zmq.types.xrep, zmq.ZMQ_ROUTER);
  assertEquals(zmq.options.linger, zmq.ZMQ_LINGER);
  assertEquals(zmq.version, zmq.zmqVersion());
  const { default: _, EventSocket: _2, ...names } = all;
  assertEquals(Object.keys(names).sort(), Object.keys(zmq).sort());
});

test("settings of the context", () => {
  const sockets = zmq.Context.getMaxSockets();
  zmq.Context.setMaxSockets(256);
  assertEquals(zmq.Context.getMaxSockets(), 256);
  zmq.Context.setMaxSockets(sockets);
  zmq.Context.setMaxThreads(3);
  assertEquals(zmq.Context.getMaxThreads(), 3);
  zmq.Context.setMaxThreads(1);
  assertEquals(codeOf(() => zmq.Context.setMaxThreads(-1)), "EINVAL");
  assertEquals(
    codeOf(() => zmq.Context.setMaxSockets("x" as unknown as number)),
    "EINVAL",
  );
  const own = new zmq.Context();
  own.setOpt(zmq.ZMQ_MAX_SOCKETS, 5);
  own.setOpt(zmq.ZMQ_IO_THREADS, 2);
  assertEquals(own.getOpt(zmq.ZMQ_MAX_SOCKETS), 5);
  assertEquals(own.getOpt(zmq.ZMQ_IO_THREADS), 2);
  assertEquals(codeOf(() => own.getOpt(9999)), "EINVAL");
  own.close();
});
