/**
 * Layer: sockets. DISH (RFC 48, draft): receives the messages of the groups
 * that it has joined.
 *
 * - SHALL receive incoming messages from its sockets using a fair-queuing strategy.
 * - Delivers only messages of groups that it has joined, whatever its peers send.
 * - SHALL attach the group to the message.
 *
 * @module
 */
import { bytesKey } from "../bytes.ts";
import type { WaitOptions } from "../../async/wait_queue.ts";
import { ZmqError } from "../errors.ts";
import { type Frame, type Message, subscriptionFrame } from "../message.ts";
import type { ReceiveOptions } from "../options/values.ts";
import { FairQueue } from "../routing/fair_queue.ts";
import type { Pipe } from "../routing/pipe.ts";
import { DISH } from "../types.ts";
import { iterate } from "./send_receive.ts";
import { checkGroup } from "./group_name.ts";
import { Pattern } from "./pattern.ts";
import { Socket, type SocketOptions } from "./socket.ts";

/** A message of one frame, and the group that it was sent to. */
export type DishMessage = [body: Frame, to: { group: Frame }];

/** The options of a DISH. */
export interface DishOptions extends SocketOptions, Partial<ReceiveOptions> {}

/** The options of a DISH, as properties. */
export interface Dish extends ReceiveOptions {}

/**
 * Receives the messages of the groups that it has joined; initially there are
 * none.
 *
 * Draft: it may change with RFC 48.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using radio = new zmq.Radio();
 * await using dish = new zmq.Dish();
 * await radio.bind("inproc://station");
 * dish.join("weather", "news");
 * dish.connect("inproc://station");
 *
 * await radio.send("rain", { group: "weather" });
 * const [report, { group }] = await dish.receive();
 * console.log(`${group}: ${report}`); // weather: rain
 * ```
 */
export class Dish extends Socket {
  readonly #groups: DishPattern;

  /**
   * Creates the socket.
   *
   * @throws {ZmqError} `EINVAL` for an option that is unknown or out of range.
   */
  constructor(options: DishOptions = {}) {
    const pattern = new DishPattern();
    super(DISH, options, () => pattern);
    this.#groups = pattern;
  }

  /**
   * Joins groups: all of them or, after an error, none. Groups match exactly,
   * not by prefix.
   *
   * @throws {ZmqError} `EINVAL` if a group is longer than 255 bytes, has a
   *   zero byte, or was joined before.
   */
  join(...groups: (string | Uint8Array)[]): void {
    for (const group of this.#checked(groups, false)) this.#groups.join(group);
  }

  /**
   * Leaves groups: all of them or, after an error, none. Messages of these
   * groups that have arrived are dropped.
   *
   * @throws {ZmqError} `EINVAL` if a group was not joined.
   */
  leave(...groups: (string | Uint8Array)[]): void {
    for (const group of this.#checked(groups, true)) this.#groups.leave(group);
  }

  /**
   * Receives a message, and the group that it was sent to.
   *
   * @throws {ZmqError} `EAGAIN` after a timeout or if the socket is closed
   *   meanwhile, `EBADF` if it was closed before.
   */
  async receive(options?: WaitOptions): Promise<DishMessage> {
    const [group, body] = await this.receiveMessage(options);
    return [body as Frame, { group: group as Frame }];
  }

  /** Iterates over messages until the socket is closed. */
  [Symbol.asyncIterator](): AsyncIterableIterator<DishMessage> {
    return iterate(this);
  }

  /** The groups as bytes, after checking that each of them is joined, or is not. */
  #checked(
    groups: (string | Uint8Array)[],
    isJoined: boolean,
  ): Iterable<Uint8Array> {
    const checked = new Map<string, Uint8Array>();
    for (const group of groups.map(checkGroup)) {
      const key = bytesKey(group);
      if (this.#groups.has(group) !== isJoined || checked.has(key)) {
        throw new ZmqError(
          "EINVAL",
          `Cannot ${isJoined ? "leave" : "join"} a group that was ${
            isJoined ? "not joined" : "joined before"
          }`,
        );
      }
      checked.set(key, group);
    }
    return checked.values();
  }
}

/** Messages are `[group, body]`; memberships are written to pipes. */
class DishPattern extends Pattern {
  readonly #pipes: Set<Pipe> = new Set();
  readonly #incoming = new FairQueue();
  /** The JOIN message of each group, by the group's key. */
  readonly #groups: Map<string, Uint8Array> = new Map();
  /** A message that `canReceive` has found. */
  #found: Message | undefined;

  attach(pipe: Pipe): void {
    this.#pipes.add(pipe);
    this.#incoming.attach(pipe);
    this.reset(pipe);
  }

  detach(pipe: Pipe): void {
    this.#pipes.delete(pipe);
    this.#incoming.detach(pipe);
  }

  /** Sends all memberships to a new peer. */
  override reset(pipe: Pipe): void {
    for (const body of this.#groups.values()) pipe.write([body]);
  }

  override readable(pipe: Pipe): void {
    this.#incoming.readable(pipe);
  }

  override ending(pipe: Pipe): void {
    this.#incoming.ending(pipe);
  }

  override receive(): Message | undefined {
    const message = this.#found ?? this.#find();
    this.#found = undefined;
    return message;
  }

  override get canReceive(): boolean {
    this.#found ??= this.#find();
    return this.#found !== undefined;
  }

  /** Whether a group was joined. */
  has(group: Uint8Array): boolean {
    return this.#groups.has(bytesKey(group));
  }

  /** Joins a group, and sends that to every peer. */
  join(group: Uint8Array): void {
    const body = subscriptionFrame(1, group);
    this.#groups.set(bytesKey(group), body);
    for (const pipe of this.#pipes) pipe.write([body]);
  }

  /** Leaves a group, and sends that to every peer. */
  leave(group: Uint8Array): void {
    this.#groups.delete(bytesKey(group));
    if (this.#found !== undefined && !this.has(this.#found[0]!)) {
      this.#found = undefined;
    }
    const body = subscriptionFrame(0, group);
    for (const pipe of this.#pipes) pipe.write([body]);
  }

  /** The next message of a joined group; any other is dropped. */
  #find(): Message | undefined {
    for (;;) {
      const message = this.#incoming.receive();
      if (message === undefined || this.has(message[0]!)) return message;
    }
  }
}
