/**
 * Layer: proxy. A wait that `poll` does not spell out.
 *
 * @module
 */
import type { Socket } from "../sockets/socket.ts";

/**
 * Waits for the socket to be closed, and keeps the process alive meanwhile.
 *
 * @returns Never resolves; rejects with `EBADF` once the socket is closed, and
 *   with the reason of the signal when that is aborted.
 */
export function untilClosed(
  socket: Socket,
  signal: AbortSignal,
): Promise<unknown> {
  // A poll for no event ends with the socket, or with the signal.
  return socket.poll(0, { signal });
}
