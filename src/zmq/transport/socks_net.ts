/**
 * Layer: transport. Runs the SOCKS5 handshake of `socks.ts` over `node:net`.
 *
 * @module
 */
import type { Socket } from "node:net";
import { clearTimeout, setTimeout } from "node:timers";
import { type SocksClient, SocksError } from "./socks.ts";

/**
 * Makes the proxy at the other end of a connected socket connect to a host.
 * Afterwards the socket is paused, with the bytes of the host still to be read,
 * or destroyed.
 *
 * @param makeClient Creates the handshake; may throw.
 * @param timeoutMs The time limit of the handshake; 0 for none.
 */
export function negotiate(
  socket: Socket,
  makeClient: () => SocksClient,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  let client: SocksClient;
  try {
    signal.throwIfAborted();
    client = makeClient();
  } catch (error) {
    abandon(socket);
    return Promise.reject(error);
  }
  return exchange(socket, client, timeoutMs, signal);
}

function exchange(
  socket: Socket,
  client: SocksClient,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const settle = () => {
      socket.off("data", onData).off("end", onEnd)
        .off("close", onEnd).off("error", fail);
      signal.removeEventListener("abort", onAbort);
      clearTimeout(timer);
    };
    const fail = (error: unknown) => {
      settle();
      abandon(socket);
      reject(error);
    };
    const onAbort = () => fail(signal.reason);
    const onEnd = () => fail(closedByProxy());
    const onTimeout = () => fail(timedOut(timeoutMs));
    const onData = (chunk: Uint8Array) => {
      try {
        const answer = client.receive(chunk);
        if (answer !== undefined) socket.write(answer);
        if (!client.isDone) return;
      } catch (error) {
        return fail(error);
      }
      settle();
      socket.pause();
      if (client.rest.byteLength > 0) socket.unshift(client.rest);
      resolve();
    };
    signal.addEventListener("abort", onAbort);
    if (timeoutMs > 0) timer = setTimeout(onTimeout, timeoutMs).unref();
    socket.unref();
    socket.on("data", onData).on("end", onEnd).on("close", onEnd)
      .on("error", fail);
    socket.write(client.open());
  });
}

function closedByProxy(): SocksError {
  return new SocksError("ECONNRESET", "the proxy closed the connection");
}

function timedOut(timeoutMs: number): SocksError {
  const text = `the proxy has not answered within ${timeoutMs} ms`;
  return new SocksError("ETIMEDOUT", text);
}

/** Closes a socket whose errors are of no interest any more. */
function abandon(socket: Socket): void {
  socket.on("error", () => {});
  socket.destroy();
}
