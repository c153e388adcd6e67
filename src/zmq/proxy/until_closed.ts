/**
 * Layer: proxy. Waits until a socket is closed.
 *
 * @module
 */

/** A socket that can be polled. */
export interface Pollable {
  poll(
    events: number,
    options: { timeout?: number; signal?: AbortSignal },
  ): Promise<number>;
}

/**
 * Waits until a socket is closed, and keeps the process alive meanwhile.
 *
 * @returns Never resolves. Rejects with `EBADF` once the socket is closed, and
 *   with the reason of the signal when that is aborted.
 */
export function untilClosed(
  socket: Pollable,
  signal: AbortSignal,
): Promise<unknown> {
  // A poll for no event only ends with the socket or the signal.
  return socket.poll(0, { timeout: -1, signal });
}
