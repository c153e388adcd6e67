/**
 * Test support. Managers that are closed when the test ends, and pairs of
 * connected sockets in them.
 */
import {
  SocketManager,
  type SocketManagerOptions,
  zmq,
} from "@agentzero/agentzero";
import { deferred, type TestContext } from "../support/harness.ts";
import { testedModule } from "./module.ts";

type Options = SocketManagerOptions<zmq.SocketOfType, zmq.OptionsOfType>;

let lastNumber = 0;

/** A manager whose calls wait 3 s by default. */
export function managerFor(
  t: TestContext,
  options: Options = {},
): SocketManager {
  return t.use(
    new SocketManager({
      timeout: 3000,
      pollingTimeout: 3000,
      zmq: testedModule(),
      ...options,
    }),
  );
}

/** An inproc address that no other test has. */
export function inproc(): string {
  return `inproc://manager-${++lastNumber}`;
}

/** A PULL "in" to which a PUSH "out" is connected. */
export async function pipeline(sockets: SocketManager): Promise<void> {
  const address = inproc();
  await sockets.ensureAndBind("in", zmq.PULL, address, zmq.POLLIN);
  await sockets.ensureAndConnect("out", zmq.PUSH, address, zmq.POLLOUT);
}

/** A REP "server" to which a REQ "client" is connected. */
export async function service(sockets: SocketManager): Promise<void> {
  const address = inproc();
  await sockets.ensureAndBind("server", zmq.REP, address);
  await sockets.ensureAndConnect("client", zmq.REQ, address);
}

/** An XPUB "pub", which sees who subscribes, to which a SUB "sub" is connected. */
export async function broadcast(sockets: SocketManager): Promise<void> {
  const address = inproc();
  await sockets.ensureAndBind("pub", zmq.XPUB, address);
  await sockets.ensureAndConnect("sub", zmq.SUB, address);
}

/** The next event of the XPUB "pub": "+topic" or "-topic"; "" when nothing comes. */
export async function subscription(
  sockets: SocketManager,
  timeout = 2000,
): Promise<string> {
  const pub = sockets.getByName("pub", zmq.XPUB);
  await pub.poll(zmq.POLLIN, { timeout });
  const [frame] = pub.tryReceive() ?? [];
  if (frame === undefined) return "";
  return (frame[0] === 1 ? "+" : "-") + frame.subarray(1).toString();
}

/** Milliseconds that something takes. */
export async function msOf(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

/** Lets everything happen that waits for nothing but its turn. */
export function turn(): Promise<void> {
  const { promise, resolve } = deferred();
  setTimeout(resolve, 0);
  return promise;
}
