/**
 * Layer: pipeline/http. Sends events to the clients of `/events` that asked for
 * them, and remembers the most recent ones for clients that reconnect. An event
 * is encoded once, and only if a client wants it.
 *
 * @module
 */
import { isIntegerIn } from "../../zmq/integers.ts";
import type { FeedEvent } from "../server/feed.ts";
import { feedToWire } from "../protocol/names.ts";
import { missedBlock, SseClient } from "./sse_client.ts";

/** Which events a client wants. */
export interface EventQuery {
  /** Prefixes of topics; all topics if empty. */
  readonly topics: readonly string[];
  /** The id of the last event that it received. */
  readonly lastEventId?: string;
  /** How many remembered events it gets first, without `lastEventId`. */
  readonly last: number;
}

/** An event, and its sequence number. */
interface RememberedEvent {
  readonly sequence: number;
  readonly event: FeedEvent;
  block?: string;
}

/** How many events of a kind (`job`, `logs`, `metric`, `available`) are remembered. */
export const REMEMBERED = 1000;
/** How many clients there may be. */
const MAX_CLIENTS = 64;

/** All clients of `/events`. */
export class SseHub {
  readonly #keepAliveMs: number;
  /** Changes with each start, so that ids from before a restart are recognized. */
  readonly #epoch = crypto.randomUUID().slice(0, 8);
  readonly #kinds: Map<string, Recent> = new Map();
  readonly #clients: Map<SseClient, readonly string[]> = new Map();
  #sequence = 0;
  #missed = 0;

  /** @param keepAliveMs The interval of keep-alive comments, in milliseconds. */
  constructor(keepAliveMs: number) {
    this.#keepAliveMs = keepAliveMs;
  }

  /** How many clients there are. */
  get size(): number {
    return this.#clients.size;
  }

  /** How many events slow clients missed. */
  get missed(): number {
    return this.#missed;
  }

  /** Whether there is no room for another client. */
  get isFull(): boolean {
    return this.#clients.size >= MAX_CLIENTS;
  }

  /** Sends an event to the clients that want it. */
  publish(event: FeedEvent): void {
    const entry: RememberedEvent = { sequence: ++this.#sequence, event };
    const kind = event.topic.split(":", 1)[0]!;
    let recent = this.#kinds.get(kind);
    if (recent === undefined) this.#kinds.set(kind, recent = new Recent());
    recent.add(entry);
    for (const [client, topics] of this.#clients) {
      if (isWanted(event, topics)) client.offer(this.#blockOf(entry));
    }
  }

  /** Adds a client; returns the body of its response. */
  open(query: EventQuery): ReadableStream<Uint8Array<ArrayBuffer>> {
    const client = new SseClient({
      keepAliveMs: this.#keepAliveMs,
      onClose: () => this.#clients.delete(client),
      onMissed: (count) => this.#missed += count,
    });
    this.#clients.set(client, query.topics);
    this.#catchUp(client, query);
    return client.body;
  }

  /** Disconnects all clients. */
  close(): void {
    for (const client of [...this.#clients.keys()]) client.close();
  }

  #catchUp(client: SseClient, query: EventQuery): void {
    const { topics, lastEventId, last } = query;
    let entries = [...this.#kinds.values()]
      .flatMap((recent) => recent.entries)
      .filter(({ event }) => isWanted(event, topics))
      .sort((a, b) => a.sequence - b.sequence);
    if (lastEventId !== undefined) {
      const since = this.#sequenceOf(lastEventId);
      if (this.#isGone(since, topics)) client.offer(missedBlock(null));
      entries = entries.filter(({ sequence }) => sequence > since);
    } else entries = last === 0 ? [] : entries.slice(-last);
    for (const entry of entries) client.offer(this.#blockOf(entry));
  }

  /** Whether a later event that the client may want is no longer remembered. */
  #isGone(since: number, topics: readonly string[]): boolean {
    if (since < 0) return true;
    return [...this.#kinds].some(([kind, { forgotten }]) =>
      forgotten > since &&
      (topics.length === 0 || topics.some((topic) =>
        topic.startsWith(kind) || kind.startsWith(topic)
      ))
    );
  }

  /** The sequence number of an id; -1 for one from before a restart. */
  #sequenceOf(id: string): number {
    const [epoch, sequence] = id.split("-");
    const number = Number(sequence);
    return epoch === this.#epoch && isIntegerIn(number) ? number : -1;
  }

  #blockOf(entry: RememberedEvent): string {
    const { topic, data } = entry.event;
    return entry.block ??= `id: ${this.#epoch}-${entry.sequence}\ndata: ${
      JSON.stringify({ topic, data: feedToWire(topic, data) })
    }\n\n`;
  }
}

function isWanted({ topic }: FeedEvent, topics: readonly string[]): boolean {
  return topics.length === 0 || topics.some((one) => topic.startsWith(one));
}

/** The most recent events of a kind. */
class Recent {
  #entries: RememberedEvent[] = [];
  /** The sequence number of the last event that was dropped. */
  forgotten = 0;

  get entries(): readonly RememberedEvent[] {
    return this.#entries.slice(-REMEMBERED);
  }

  add(entry: RememberedEvent): void {
    this.#entries.push(entry);
    const first = this.#entries.length - REMEMBERED;
    if (first <= 0) return;
    this.forgotten = this.#entries[first - 1]!.sequence;
    // Trimmed now and then, not each time.
    if (first >= REMEMBERED) this.#entries = this.#entries.slice(first);
  }
}
