/**
 * Example: clone. Keeps a copy of what one server has: first a snapshot, then
 * every update, none missing in between. Clients follow a server, and so does a
 * backup.
 *
 * The order is what makes it safe: subscribe; wait for a HUGZ, which shows that
 * the subscriptions have arrived; only then ask for the snapshot. Updates that
 * are in it already are told by their numbers.
 *
 * @module
 */
import { zmq } from "@agentzero/agentzero";
import {
  HUGZ,
  ICANHAZ,
  KTHXBAI,
  parseUpdate,
  type ServerAddresses,
  type Update,
} from "./protocol.ts";

/** After so many intervals without a sign of life a server counts as gone. */
const LIVENESS = 3;

/** Who is told. */
export interface Follower {
  /** All there is. */
  onSnapshot(updates: readonly Update[], sequence: number): void;
  /** One thing more. */
  onUpdate(update: Update): void;
  /** The server lives. */
  onHugz?(): void;
}

/** Why it ended: the server is gone or silent, or an update is missing. */
export type EndReason = "gone" | "silent" | "gap";

/**
 * Follows a server until it is lost or the signal is aborted.
 *
 * Where all is followed, a missing number shows that a message was dropped, as
 * PUB does for a subscriber that is too slow. In a subtree it cannot show.
 *
 * @param heartbeatMs how often the server gives a sign of life
 */
export async function follow(
  server: ServerAddresses,
  subtree: string,
  heartbeatMs: number,
  follower: Follower,
  signal: AbortSignal,
): Promise<EndReason> {
  const gone = new AbortController();
  const options = { signal: AbortSignal.any([signal, gone.signal]) };
  // Updates wait here while a snapshot comes in.
  await using updates = new zmq.Subscriber({ receiveHighWaterMark: 10_000 });
  await using snapshot = new zmq.Dealer({ linger: 0 });
  for (const type of ["disconnect", "connect:retry"] as const) {
    updates.events.on(type, () => gone.abort());
  }
  updates.subscribe(subtree, HUGZ);
  updates.connect(server.publisher);
  snapshot.connect(server.snapshot);
  const timeout = heartbeatMs * LIVENESS;
  const next = async (socket: zmq.Subscriber | zmq.Dealer) => {
    const update = parseUpdate(await socket.receive({ ...options, timeout }));
    options.signal.throwIfAborted(); // nothing is told after the end
    return update;
  };

  try {
    while ((await next(updates))?.key !== HUGZ);

    // A backup does not answer before it misses the primary: ask again.
    await snapshot.send([ICANHAZ, subtree], options);
    const asking = setInterval(
      () => snapshot.trySend([ICANHAZ, subtree]),
      heartbeatMs,
    );
    let last: number;
    try {
      const values: Update[] = [];
      let update = await next(snapshot);
      for (; update?.key !== KTHXBAI; update = await next(snapshot)) {
        clearInterval(asking);
        if (update) values.push(update);
      }
      last = update.sequence;
      follower.onSnapshot(values, last);
    } finally {
      clearInterval(asking);
    }

    while (true) {
      const update = await next(updates);
      if (update?.key === HUGZ) follower.onHugz?.();
      else if (update && update.sequence > last) {
        if (subtree === "" && update.sequence > last + 1) return "gap";
        last = update.sequence;
        follower.onUpdate(update);
      }
    }
  } catch (error: unknown) {
    if (options.signal.aborted) return "gone";
    if ((error as zmq.ZmqError).code === "EAGAIN") return "silent";
    throw error;
  }
}
