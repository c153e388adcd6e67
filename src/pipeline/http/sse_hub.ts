/**
 * Layer: pipeline/http. Gives what happens to the clients of `/events`, each
 * what it asked for, and remembers the last of it for those who were cut off
 * and come back. An event is encoded once, and only if somebody wants it.
 *
 * @module
 */
import type { FeedEvent } from "../server/feed.ts";
import { feedToWire } from "../protocol/names.ts";
import { missedBlock, SseClient } from "./sse_client.ts";

/** What a client wants to hear. */
export interface EventQuery {
  /** Topics begin with one of these; with none, all do. */
  readonly topics: readonly string[];
  /** The id of the last event that it has. */
  readonly lastEventId?: string;
  /** How many of those that are remembered it gets first, if it has none. */
  readonly last: number;
}

/** An event, and its place. */
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
  /** Another one with each start, so that ids of another life are known as that. */
  readonly #epoch = crypto.randomUUID().slice(0, 8);
  readonly #kinds: Map<string, Recent> = new Map();
  readonly #clients: Map<SseClient, readonly string[]> = new Map();
  #sequence = 0;
  #missed = 0;

  /** @param keepAliveMs How often a client that hears nothing gets a comment. */
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

  /** Whether no more clients can be served. */
  get isFull(): boolean {
    return this.#clients.size >= MAX_CLIENTS;
  }

  /** Something happened. */
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

  /** A new client: the body of the answer that it gets. */
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

  /** Lets all clients go. */
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

  /** Whether something was forgotten that came later, and may have been wanted. */
  #isGone(since: number, topics: readonly string[]): boolean {
    if (since < 0) return true;
    return [...this.#kinds].some(([kind, { forgotten }]) =>
      forgotten > since &&
      (topics.length === 0 || topics.some((topic) =>
        topic.startsWith(kind) || kind.startsWith(topic)
      ))
    );
  }

  /** -1 for one that is not of this life. */
  #sequenceOf(id: string): number {
    const [epoch, sequence] = id.split("-");
    const number = Number(sequence);
    return epoch === this.#epoch && Number.isSafeInteger(number) ? number : -1;
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

/** The last events of a kind. */
class Recent {
  #entries: RememberedEvent[] = [];
  /** The place of the last one that was forgotten. */
  forgotten = 0;

  get entries(): readonly RememberedEvent[] {
    return this.#entries.slice(-REMEMBERED);
  }

  add(entry: RememberedEvent): void {
    this.#entries.push(entry);
    const first = this.#entries.length - REMEMBERED;
    if (first <= 0) return;
    this.forgotten = this.#entries[first - 1]!.sequence;
    // Moved once in a while, not each time.
    if (first >= REMEMBERED) this.#entries = this.#entries.slice(first);
  }
}
