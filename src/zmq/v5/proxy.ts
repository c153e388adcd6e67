/**
 * Layer: v5. `zmq.proxy`: the one socket sends what the other receives.
 *
 * @module
 */
import { argumentError } from "./socket_error.ts";
import type { EventSocket } from "./socket.ts";

/** The pairs that make sense, in the order frontend, backend. */
const PAIRS: ReadonlySet<string> = new Set([
  "push-pull",
  "pull-push",
  "xpub-xsub",
  "router-dealer",
  "xrep-xreq",
  "router-xreq",
  "xrep-dealer",
]);

/**
 * Forwards messages between two sockets until one is closed: PUSH and PULL,
 * XPUB and XSUB, ROUTER and DEALER, in this order; PULL and PUSH, too.
 *
 * @param capture Sends a copy of what the backend receives: of a DEALER,
 *   without the frames up to the empty delimiter.
 * @throws {TypeError} The socket types do not fit, or are in the wrong order.
 */
export function proxy(
  frontend: EventSocket,
  backend: EventSocket,
  capture?: EventSocket | null,
): void {
  if (!PAIRS.has(`${frontend?.type}-${backend?.type}`)) {
    throw argumentError("wrong socket order to proxy");
  }
  const isRouted = backend.type === "dealer" || backend.type === "xreq";
  frontend.on("message", (...frames: Uint8Array[]) => {
    if (!backend.closed && canSend(backend)) backend.send(frames);
  });
  backend.on("message", (...frames: Uint8Array[]) => {
    if (!frontend.closed && canSend(frontend)) frontend.send(frames);
    if (!capture || capture.closed) return;
    capture.send(isRouted ? bodyOf(frames) : frames);
  });
}

function canSend({ type }: EventSocket): boolean {
  return type !== "pull" && type !== "sub";
}

/** The frames after the delimiter or, without one, after the identity. */
function bodyOf(frames: Uint8Array[]): Uint8Array[] {
  const delimiter = frames.findIndex((frame) => frame.byteLength === 0);
  return frames.slice(Math.max(delimiter, 0) + 1);
}
