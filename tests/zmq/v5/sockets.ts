/**
 * Test support. Sockets of v5 that are closed when a test ends, and what they
 * emit, as promises.
 *
 * @module
 */
import { once } from "node:events";
import { context } from "../../../src/zmq/mod.ts";
import zmq, { type Socket, type SocketType } from "../../../src/zmq/v5/mod.ts";
import { turn } from "../../support/fake_wire.ts";
import { eventually, type TestContext, within } from "../../support/harness.ts";

/** Creates sockets that are closed when the test ends, without what they still have to send. */
export type MakeSocket = (
  type: SocketType,
  options?: Readonly<Record<string, unknown>>,
) => Socket;

/** Gives a test its sockets; the test ends when nothing is left of them. */
export function socketsOf(t: TestContext): MakeSocket {
  const made: Socket[] = [];
  const before = context.size;
  t.cleanup(async () => {
    for (const socket of made) {
      if (socket.closed) continue;
      socket.linger = 0;
      socket.close();
    }
    await eventually(() => context.size <= before, 5000, "the sockets' end");
    await turn();
  });
  return (type, options) => {
    const socket = zmq.socket(type, options);
    made.push(socket);
    return socket;
  };
}

/** The arguments of the next event of a name. */
export function next(socket: Socket, name = "message"): Promise<unknown[]> {
  return within(once(socket, name), 5000, `the event ${name}`);
}

/** The next so many messages, as text. */
export async function messages(
  socket: Socket,
  count: number,
): Promise<string[][]> {
  const got: string[][] = [];
  const all = new Promise<void>((resolve) => {
    socket.on("message", function take(...frames: Uint8Array[]) {
      got.push(frames.map(String));
      if (got.length < count) return;
      socket.removeListener("message", take);
      resolve();
    });
  });
  await within(all, 5000, `${count} messages`);
  return got;
}

/** What a function throws, by its code. */
export function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return "";
}

/** What a callback is called with. */
export function called(
  start: (callback: (error?: Error) => void) => void,
): Promise<Error | undefined> {
  return within(
    new Promise<Error | undefined>((resolve) => start(resolve)),
    5000,
    "a callback",
  );
}
