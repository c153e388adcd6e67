/**
 * Interoperability. One interface for both sides of a conversation, our socket
 * and the peer's, so that a pattern is written down once and tried with the
 * roles either way.
 *
 * @module
 */
import { createHash } from "node:crypto";
import * as zmq from "../../../src/zmq/mod.ts";
import { within } from "../../support/deadline.ts";
import type { TestContext } from "../../support/harness.ts";
import type {
  Frame,
  Peer,
  PeerOptions,
  PeerSocket,
} from "../../support/peers/peer.ts";

/** How long any one step of a conversation may take. */
export const STEP_MS = 5000;

/** A socket on either side. */
export interface Party {
  readonly type: string;
  bind(address: string): Promise<string>;
  connect(address: string, routingId?: string): void | Promise<void>;
  send(...frames: Frame[]): Promise<void>;
  receive(): Promise<Uint8Array[]>;
  sendSeries(count: number, head?: Frame[]): Promise<void>;
  receiveSeries(count: number): Promise<string[]>;
  subscribe(topic: Frame): void | Promise<void>;
  unsubscribe(topic: Frame): void | Promise<void>;
}

/** Our engine's socket as a party. */
export class Ours implements Party, AsyncDisposable {
  readonly type: string;
  /** The socket itself, which has all methods of a type only if it is of that type. */
  readonly socket: zmq.Dealer & zmq.Subscriber;

  constructor(type: string, options: Record<string, unknown> = {}) {
    this.type = type;
    const number = (zmq as unknown as Record<string, zmq.SocketType>)[type]!;
    this.socket = zmq.createSocket(number, options) as
      & zmq.Dealer
      & zmq.Subscriber;
  }

  async bind(address: string): Promise<string> {
    await this.socket.bind(address);
    return this.socket.lastEndpoint!;
  }

  connect(address: string, routingId?: string): void {
    if (routingId === undefined) this.socket.connect(address);
    else {
      (this.socket as unknown as zmq.Router).connect(address, { routingId });
    }
  }

  async send(...frames: Frame[]): Promise<void> {
    await within(this.#send(frames), STEP_MS, `${this.type} to send`);
  }

  async receive(): Promise<Uint8Array[]> {
    return await within(
      this.#receive(),
      STEP_MS,
      `a message for our ${this.type}`,
    );
  }

  async sendSeries(count: number, head: Frame[] = []): Promise<void> {
    for (let i = 0; i < count; i++) await this.#send([...head, `${i}`]);
  }

  async receiveSeries(count: number): Promise<string[]> {
    const last: string[] = [];
    while (last.length < count) {
      last.push(new TextDecoder().decode((await this.#receive()).at(-1)));
    }
    return last;
  }

  subscribe(topic: Frame): void {
    if (this.type === "DISH") (this.socket as unknown as zmq.Dish).join(topic);
    else this.socket.subscribe(topic);
  }

  unsubscribe(topic: Frame): void {
    if (this.type === "DISH") (this.socket as unknown as zmq.Dish).leave(topic);
    else this.socket.unsubscribe(topic);
  }

  /** What stands beside a message is its first frame here, as with the peers. */
  async #send(frames: Frame[]): Promise<void> {
    const [to, body] = frames as [Frame, Frame];
    const socket: unknown = this.socket;
    switch (this.type) {
      case "SERVER":
        return await (socket as zmq.Server)
          .send(body, { routingId: Number(shown([to])) });
      case "RADIO":
        return await (socket as zmq.Radio).send(body, { group: to });
      default:
        return await this.socket.send(frames);
    }
  }

  async #receive(): Promise<Uint8Array[]> {
    const socket: unknown = this.socket;
    switch (this.type) {
      case "SERVER": {
        const [body, { routingId }] = await (socket as zmq.Server).receive();
        return [new TextEncoder().encode(`${routingId}`), body];
      }
      case "DISH": {
        const [body, { group }] = await (socket as zmq.Dish).receive();
        return [group, body];
      }
      default:
        return await this.socket.receive();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.socket.linger = 0;
    return this.socket.close();
  }
}

/** Who binds. */
export type Binder = "ours" | "theirs";

/** How two parties are joined. */
export interface LinkOptions {
  readonly binds?: Binder;
  readonly transport?: "tcp" | "ipc" | "ws";
  readonly ours?: Record<string, unknown>;
  readonly theirs?: PeerOptions;
}

/** Opens a socket on each side and joins them. */
export async function link(
  t: TestContext,
  peer: Peer,
  ourType: string,
  theirType: string,
  { binds = "ours", transport = "tcp", ours, theirs }: LinkOptions = {},
): Promise<[Ours, PeerSocket, endpoint: string]> {
  const our = t.use(new Ours(ourType, ours));
  const their = await peer.open(t, theirType, theirs);
  const address = transport === "ipc"
    ? `ipc://${await t.tempDir()}/s`
    : `${transport}://127.0.0.1:*`;
  const [first, second] = binds === "ours" ? [our, their] : [their, our];
  const endpoint = await first.bind(address);
  await second.connect(endpoint);
  return [our, their, endpoint];
}

/** The numbers that `sendSeries` sends. */
export function series(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${i}`);
}

/** Frames for people, and to compare: text, or size and hash where long or binary. */
export function shown(frames: readonly Frame[]): string[] {
  return frames.map((frame) => {
    const bytes = typeof frame === "string"
      ? new TextEncoder().encode(frame)
      : frame;
    const text = String.fromCharCode(...bytes.subarray(0, 100));
    if (bytes.byteLength <= 100 && /^[\x20-\x7e]*$/.test(text)) return text;
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
    return `<${bytes.byteLength} bytes #${hash}>`;
  });
}

/** The next event of the type on our side. */
export function next<E extends zmq.EventType>(
  { socket }: Ours,
  type: E,
): Promise<zmq.EventOfType<E>> {
  return new Promise((resolve) => socket.events.once(type, resolve));
}
