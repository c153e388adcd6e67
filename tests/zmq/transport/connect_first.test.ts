// Several addresses of one name: the first that answers, as soon as it does.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createServer, type Socket } from "node:net";
import { connectFirst } from "../../../src/zmq/transport/connect_first.ts";
import { connectNet } from "../../../src/zmq/transport/net_wire.ts";
import { resolveAll } from "../../../src/zmq/transport/resolve.ts";
import * as zmq from "../../../src/zmq/mod.ts";
import { test, type TestContext } from "../../support/harness.ts";
import { texts } from "../../support/bytes.ts";

const NO_SIGNAL = new AbortController().signal;

async function server(t: TestContext): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.cleanup(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as { port: number }).port;
}

/** Connects to a port of this machine; to -1 never, and then only `signal` ends it. */
function connect(port: number, signal: AbortSignal): Promise<Socket> {
  if (port >= 0) return connectNet({ port, host: "127.0.0.1" }, signal);
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

test("one address that refuses, one that is silent, one that answers", async (t) => {
  const port = await server(t);
  for (const ports of [[1, port], [port, 1], [-1, port], [1, -1, port]]) {
    const socket = await connectFirst(ports, connect, NO_SIGNAL);
    assertEquals(socket.remotePort, port);
    socket.destroy();
    await new Promise((resolve) => socket.once("close", resolve));
  }
});

test("attempts that are no longer needed are cancelled", async (t) => {
  const port = await server(t);
  const given: unknown[] = [];
  const socket = await connectFirst(
    [-1, port],
    (target, signal) => {
      signal.addEventListener("abort", () => given.push(target));
      return connect(target, signal);
    },
    NO_SIGNAL,
  );
  assertEquals(given.includes(-1), true);
  socket.destroy();
  await new Promise((resolve) => socket.once("close", resolve));
});

test("if none answers, the most informative error is reported", async () => {
  const fail = (code: string) =>
    Promise.reject(Object.assign(new Error(code), { code }));
  for (
    const [codes, expected] of [
      [["ECONNREFUSED", "ENETUNREACH"], "ECONNREFUSED"],
      [["ENETUNREACH", "ECONNREFUSED"], "ECONNREFUSED"],
      [["EHOSTUNREACH", "ENETUNREACH"], "EHOSTUNREACH"],
    ] as const
  ) {
    const error = await assertRejects(
      () => connectFirst(codes, fail, NO_SIGNAL),
      Error,
    );
    assertEquals(error.message, expected);
  }
});

test("a signal cancels all attempts", async () => {
  for (const targets of [[-1], [-1, -1]]) {
    const controller = new AbortController();
    const connecting = connectFirst(targets, connect, controller.signal);
    controller.abort(new Error("enough"));
    await assertRejects(() => connecting, Error, "enough");
  }
});

test("localhost is both loopback addresses; the preferred family comes first", async () => {
  const hosts = async (isIpv6: boolean) =>
    (await resolveAll("localhost", isIpv6)).map(({ host }) => host);
  for (const isIpv6 of [false, true]) {
    const found = await hosts(isIpv6);
    assert(found.includes("127.0.0.1") && found.includes("::1"), `${found}`);
    assertEquals(found[0]!.includes(":"), isIpv6);
  }
  assertEquals(await resolveAll("10.0.0.1", true), [
    { host: "10.0.0.1", family: 4 },
  ]);
  assertEquals(await resolveAll("fe80::1%eth0", false), [
    { host: "fe80::1%eth0", family: 6 },
  ]);
});

for (
  const [bound, ipv6] of [["127.0.0.1", false], ["127.0.0.1", true], [
    "[::1]",
    false,
  ], ["[::1]", true]] as const
) {
  test(`localhost reaches a server at ${bound}, with ipv6 ${ipv6}`, async (t) => {
    const pull = t.use(new zmq.Pull());
    await pull.bind(`tcp://${bound}:*`);
    const push = t.use(new zmq.Push({ ipv6, linger: 0 }));
    push.connect(pull.lastEndpoint!.replace(bound, "localhost"));
    await push.send("x");
    assertEquals(texts(await pull.receive()), ["x"]);
  });
}

test("a source address of one family does not try the other", async (t) => {
  const pull = t.use(new zmq.Pull());
  await pull.bind("tcp://127.0.0.1:*");
  const push = t.use(new zmq.Push({ ipv6: true, linger: 0 }));
  const [port] = /\d+$/.exec(pull.lastEndpoint!)!;
  push.connect(`tcp://127.0.0.1:0;localhost:${port}`);
  await push.send("x");
  assertEquals(texts(await pull.receive()), ["x"]);
});
