/**
 * Layer: zmtp. The greetings of a connection in a browser. ZWS has none: the
 * peer's is made by `../transport/ws/dialect.ts`, which also takes ours off. So
 * the peer speaks ZMTP 2.0 (it begins with its routing id) or 3.x (with the
 * commands of the mechanism), and nothing can be malformed.
 *
 * @module
 */
import { concat, EMPTY } from "../bytes.ts";
import { ProtocolError } from "../errors.ts";
import { FRAMING_2, MAX_HEADER } from "../framing.ts";
import { traitsOf } from "../socket_traits.ts";
import { SOCKET_TYPE_NAMES } from "../types.ts";
import type { Agreement, OwnGreeting } from "./greeting.ts";
import { requireMeeting, requireRoutingId } from "./metadata.ts";
import { versionOf } from "./versions.ts";

export type { Agreement, OwnGreeting };

/** The greeting of ZMTP 3, and what of that of 2.0 comes before the routing id. */
const GREETING_SIZE = 64;
const OLD_GREETING_SIZE = 12;
/** Both begin with ten bytes of signature and the major version. */
const MAJOR_AT = 10;

/** The greetings of one connection. */
export class Greeting {
  /** We never wait for the peer's. */
  readonly isWaitingForPeer = false;
  /** Whether the peer speaks ZMTP 3, so that the mechanism may begin. */
  isAwaited = false;
  #bytes: Uint8Array = EMPTY;
  #isSent = false;
  readonly #own: OwnGreeting;
  readonly #send: (bytes: Uint8Array) => void;

  constructor(own: OwnGreeting, send: (bytes: Uint8Array) => void) {
    this.#own = own;
    this.#send = send;
  }

  /** Whether everything has been sent to a peer of 3.x. */
  get isComplete(): boolean {
    return this.isAwaited;
  }

  /** Takes bytes from the peer. */
  receive(chunk: Uint8Array): void {
    this.#bytes = concat([this.#bytes, chunk]);
  }

  stopWaiting(): void {}

  /**
   * The agreement, or `undefined` until more bytes arrive.
   *
   * @throws {ProtocolError} The peer cannot talk to a socket of this type.
   */
  next(): Agreement | undefined {
    const bytes = this.#bytes;
    if (bytes.byteLength <= MAJOR_AT) return undefined;
    const version = versionOf(bytes[MAJOR_AT]!, bytes[MAJOR_AT + 1] ?? 0)!;
    if (!version.hasCommands) return this.#old(version);
    this.isAwaited = true;
    this.#sendOnce(() => [new Uint8Array(GREETING_SIZE)]);
    if (bytes.byteLength < GREETING_SIZE) return undefined;
    return { version, peer: undefined, rest: bytes.subarray(GREETING_SIZE) };
  }

  /** ZMTP 2.0: the type of the socket, then a frame with its routing id. */
  #old(version: Agreement["version"]): Agreement | undefined {
    const { type, routingId } = this.#own;
    if (traitsOf(type).isDraft) {
      throw new ProtocolError(
        "ERR_ZMTP_UNSUPPORTED_VERSION",
        `The server has no ${
          SOCKET_TYPE_NAMES[type]
        } sockets without PLAIN or CURVE`,
      );
    }
    this.#sendOnce(() => {
      const greeting = new Uint8Array(OLD_GREETING_SIZE);
      greeting[OLD_GREETING_SIZE - 1] = traitsOf(type).oldNumber ?? type;
      const header = new Uint8Array(MAX_HEADER);
      const size = FRAMING_2.write(header, 0, routingId.byteLength, 0);
      return [greeting, header.subarray(0, size), routingId];
    });
    const bytes = this.#bytes;
    const at = OLD_GREETING_SIZE;
    if (bytes.byteLength < at) return undefined;
    const socketType = SOCKET_TYPE_NAMES[bytes[at - 1]!]!;
    requireMeeting(type, socketType);
    if (bytes.byteLength === at) return undefined;
    const start = at + FRAMING_2.headerSize(bytes, at);
    if (bytes.byteLength < start) return undefined;
    const end = start + FRAMING_2.bodySize(bytes, at);
    requireRoutingId(end - start);
    if (bytes.byteLength < end) return undefined;
    return {
      version,
      peer: { version, socketType, routingId: bytes.slice(start, end) },
      rest: bytes.subarray(end),
    };
  }

  #sendOnce(parts: () => Uint8Array[]): void {
    if (this.#isSent) return;
    this.#isSent = true;
    this.#send(concat(parts()));
  }
}
