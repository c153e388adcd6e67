/**
 * Example: clone. Follows one server: first a snapshot, then every update,
 * without a gap. Clients follow a server, and so does a backup.
 *
 * The order makes it safe: subscribe; wait for a HUGZ, which shows that the
 * subscriptions have arrived; only then request the snapshot. Updates that the
 * snapshot already contains are recognized by their sequence numbers.
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

/** After this many heartbeat intervals of silence, a server is lost. */
const LIVENESS = 3;

/** The callbacks of a follower. */
export interface Follower {
  /** The snapshot has arrived. */
  onSnapshot(updates: readonly Update[], sequence: number): void;
  /** An update has arrived. */
  onUpdate(update: Update): void;
  /** A heartbeat has arrived. */
  onHugz?(): void;
}

/** Why it ended: the server is disconnected or silent, or an update is missing. */
export type EndReason = "gone" | "silent" | "gap";

/**
 * Follows a server until it is lost or the signal is aborted.
 *
 * If everything is followed, a gap in the sequence numbers shows that a message
 * was dropped, as PUB does for a slow subscriber. In a subtree that cannot be
 * noticed.
 *
 * @param heartbeatMs The heartbeat interval of the server.
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
  // Updates wait here while the snapshot arrives.
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
    options.signal.throwIfAborted(); // no callbacks after the end
    return update;
  };

  try {
    while ((await next(updates))?.key !== HUGZ);

    // A backup does not answer until it considers the primary dead, so repeat the request.
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
