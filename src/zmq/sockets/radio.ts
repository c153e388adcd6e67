/**
 * Layer: sockets. RADIO (RFC 48, draft): broadcasts to groups.
 *
 * - SHALL perform a group membership check using exact matching.
 * - SHALL silently drop the message if the queue for a dish is full; with
 *   the option `noDrop`, as in libzmq, `send` waits instead.
 * - SHALL NOT pass JOIN and LEAVE commands on to its application.
 * - SHALL silently discard any messages that dishes send it; the connection
 *   does that.
 * - MUST NOT send multipart messages. On the wire a message still has two frames,
 *   the group and the body, as in libzmq.
 *
 * @module
 */
import type { WaitOptions } from "../../async/wait_queue.ts";
import { type Message, type MessageLike, toMessage } from "../message.ts";
import type { PublishModes, SendOptions } from "../options/values.ts";
import { allCanWrite, fanOut } from "../routing/fan_out.ts";
import { GroupTable } from "../routing/group_table.ts";
import type { Pipe } from "../routing/pipe.ts";
import { SubscriptionQuota } from "../routing/subscription_quota.ts";
import { RADIO } from "../types.ts";
import { SlicedWork } from "./sliced_work.ts";
import { checkGroup } from "./group_name.ts";
import { requireDatagramSize } from "./datagram_size.ts";
import { Pattern } from "./pattern.ts";
import { requireSingleFrame } from "./single_frame.ts";
import { Socket, type SocketOptions } from "./socket.ts";

/** The destination of a message. */
export interface RadioGroup {
  /** The group, up to 255 bytes, none of them zero. */
  group: string | Uint8Array;
}

/** The options of a RADIO. */
export interface RadioOptions
  extends SocketOptions, Partial<SendOptions & PublishModes> {}

/** The options of a RADIO, as properties. */
export interface Radio extends SendOptions, PublishModes {}

/**
 * Sends each message to all {@link Dish}es that have joined its group. Without
 * any, or for one that is too slow, the message is dropped: `send` does not
 * wait. A message has one frame.
 *
 * Draft: it may change with RFC 48.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using radio = new zmq.Radio();
 * await radio.bind("tcp://127.0.0.1:*");
 * await radio.send("sunny", { group: "weather" });
 * ```
 */
export class Radio extends Socket {
  /**
   * Creates the socket.
   *
   * @throws {ZmqError} `EINVAL` for an option that is unknown or out of range.
   */
  constructor(options: RadioOptions = {}) {
    super(RADIO, options, (values) => new RadioPattern(values));
  }

  /**
   * Sends a message of one frame to a group.
   *
   * @throws {ZmqError} `EINVAL` for more than one frame, or an invalid group;
   *   `EMSGSIZE` if the socket is connected by `udp` and the message does not fit
   *   into a datagram; with `noDrop`, `EAGAIN` after a timeout.
   */
  async send(
    message: MessageLike | readonly [MessageLike],
    options: RadioGroup & WaitOptions,
  ): Promise<void> {
    const [body] = requireSingleFrame(this.type, toMessage(message));
    const group = checkGroup(options?.group);
    await this.sendMessage([group, body!], options);
  }
}

/** Messages are `[group, body]`; memberships are read from pipes. */
class RadioPattern extends Pattern {
  readonly #modes: Readonly<PublishModes>;
  readonly #pipes: Set<Pipe> = new Set();
  /** Those that get the messages of all groups. */
  readonly #datagramPipes: Set<Pipe> = new Set();
  readonly #groups = new GroupTable();
  readonly #quota: SubscriptionQuota;
  readonly #removals = new SlicedWork();

  constructor(modes: Readonly<PublishModes>) {
    super();
    this.#modes = modes;
    this.#quota = new SubscriptionQuota(modes);
  }

  attach(pipe: Pipe): void {
    this.#pipes.add(pipe);
    if (pipe.isDatagrams) this.#datagramPipes.add(pipe);
    this.readable(pipe);
  }

  detach(pipe: Pipe): void {
    this.#pipes.delete(pipe);
    this.#datagramPipes.delete(pipe);
    this.#quota.forget(pipe);
    this.#removals.start(this.#groups.leaveAll(pipe));
  }

  override stop(): Promise<void> {
    return this.#removals.stop();
  }

  override readable(pipe: Pipe): void {
    for (;;) {
      const [body] = pipe.read() ?? [];
      if (body === undefined) return;
      const group = body.subarray(1);
      const before = this.#groups.countOf(pipe);
      if (body[0] === 1) this.#groups.join(group, pipe);
      else this.#groups.leave(group, pipe);
      const after = this.#groups.countOf(pipe);
      if (after < before) this.#quota.give(pipe, group.byteLength);
      if (after > before && !this.#quota.take(pipe, group.byteLength)) return;
    }
  }

  override send(message: Message): boolean {
    const members = this.#groups.members(message[0]!)
      .filter((pipe) => this.#pipes.has(pipe)); // some may be disconnecting
    if (this.#datagramPipes.size > 0) {
      requireDatagramSize(1 + message[0]!.byteLength, message[1]!);
      members.push(...this.#datagramPipes);
    }
    if (this.#modes.noDrop && !allCanWrite(members)) return false;
    fanOut(members, message);
    return true;
  }

  override get canSend(): boolean {
    return !this.#modes.noDrop || allCanWrite(this.#pipes);
  }
}
