/**
 * Layer: transport. The dialects of ZWS 2.0 (RFC 45), and the greeting of ZMTP
 * that the session is given for the peer in each, as ZWS has none:
 *
 *     subprotocol                  greeting of the peer
 *     ZWS2.0/NULL, PLAIN, CURVE    ZMTP 3.0: subscriptions are messages, as RFC 45 has them
 *     ZWS2.0, routing id first     ZMTP 2.0, with a socket type that fits ours
 *     ZWS2.0, a command first      ZMTP 3.1: omq.ts, omq.rs, and pages with PLAIN and CURVE
 *
 * Under the bare name the client's first frame shows the dialect. A server waits
 * for it, as every client sends it without waiting. A client cannot wait, and
 * tries the other dialect with its next attempt if the server has shown it.
 * No I/O.
 *
 * @module
 */
import { encodeText } from "../../bytes.ts";
import { flagsOfZws, ZWS_COMMAND } from "../../framing.ts";
import { OtherDialectError, WebSocketError } from "./errors.ts";
import {
  BARE,
  type DialectName,
  type MechanismName,
  type Subprotocol,
} from "./subprotocol.ts";

/** The signature with which every greeting begins. */
const SIGNATURE = Uint8Array.of(0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f);
/** The sizes of a greeting of ZMTP 3, of the part of it that shows the version, and of one of ZMTP 2.0. */
const GREETING_SIZE = 64;
const VERSION_SIZE = 12;
const OLD_GREETING_SIZE = 12;
const OLD_REVISION = 1;

/** The type, by its number in ZMTP 2.0, that a peer of each type has: PAIR, SUB, PUB, ROUTER, REQ, ROUTER, DEALER, PUSH, PULL. */
const PARTNERS: readonly number[] = [0, 2, 1, 6, 3, 6, 5, 8, 7];

/** The dialect of one connection. */
export class Dialect {
  readonly #subprotocol: Subprotocol;
  readonly #isServer: boolean;
  /** Undefined until the peer's first frame shows it. */
  #spoken: DialectName | undefined;
  #isFirst = true;
  /** Parts of the peer's greeting to give to the session, one by one. */
  #greeting: Uint8Array[] = [];
  #isTypeMissing = false;
  #greetingWritten = 0;

  constructor(subprotocol: Subprotocol, isServer: boolean) {
    this.#subprotocol = subprotocol;
    this.#isServer = isServer;
    const { dialects: [first, second] } = subprotocol;
    if (second === undefined || !isServer) this.#speak(first!);
  }

  /** Whether frames have to wait, as the peer's greeting needs our socket type. */
  get holdsFrames(): boolean {
    return this.#isTypeMissing;
  }

  /** Takes the parts of the peer's greeting that are new. */
  takeGreeting(): Uint8Array[] {
    const parts = this.#greeting;
    this.#greeting = [];
    return parts;
  }

  /** Whether there are new ones. */
  get hasGreeting(): boolean {
    return this.#greeting.length > 0;
  }

  /** How many bytes at the start of what the session writes are our own greeting, which is not sent. */
  greetingSize(chunk: Uint8Array): number {
    const whole = this.#spoken === "routing id"
      ? OLD_GREETING_SIZE
      : GREETING_SIZE;
    const missing = whole - this.#greetingWritten;
    const size = Math.min(missing, chunk.byteLength);
    this.#greetingWritten += size;
    if (size === missing && size > 0 && this.#isTypeMissing) {
      this.#isTypeMissing = false;
      const type = chunk[size - 1]!; // the last byte of ZMTP 2.0's
      this.#greeting.push(Uint8Array.of(PARTNERS[type] ?? type));
    }
    return size;
  }

  /**
   * The flags of ZMTP for the next frame of the peer.
   *
   * @throws {WebSocketError} The peer must not send such a frame.
   */
  flagsOf(flags: number): number {
    if (flags > ZWS_COMMAND) {
      throw new WebSocketError(`The peer's message has the flags ${flags}`);
    }
    const isCommand = flags === ZWS_COMMAND;
    if (this.#isFirst) this.#begin(isCommand ? "commands" : "routing id");
    this.#isFirst = false;
    return flagsOfZws(flags);
  }

  /** The peer begins. */
  #begin(dialect: DialectName): void {
    const { mechanism, dialects } = this.#subprotocol;
    if (this.#spoken === dialect) return;
    if (this.#spoken === undefined) return this.#speak(dialect);
    if (!this.#isServer && mechanism === "NULL") {
      throw new OtherDialectError(dialect);
    }
    throw new WebSocketError(
      dialects[0] === "commands"
        ? `The peer began with a message, not with a command of ${mechanism}`
        : "The peer began with a command, not with its routing id",
    );
  }

  #speak(dialect: DialectName): void {
    this.#spoken = dialect;
    if (dialect === "routing id") {
      this.#greeting.push(Uint8Array.of(...SIGNATURE, OLD_REVISION));
      this.#isTypeMissing = true;
      return;
    }
    // A peer that shows no more than its version waits for our greeting, so the
    // session does not wait for the rest.
    const { name, mechanism } = this.#subprotocol;
    const bytes = greeting(name === BARE ? 1 : 0, mechanism, !this.#isServer);
    this.#greeting.push(
      bytes.subarray(0, VERSION_SIZE),
      bytes.subarray(VERSION_SIZE),
    );
  }
}

/** A greeting of ZMTP 3. */
function greeting(
  minor: 0 | 1,
  mechanism: MechanismName,
  isServer: boolean,
): Uint8Array {
  const bytes = new Uint8Array(GREETING_SIZE);
  bytes.set(SIGNATURE);
  bytes.set([3, minor], SIGNATURE.byteLength);
  bytes.set(encodeText(mechanism), VERSION_SIZE);
  bytes[32] = isServer && mechanism !== "NULL" ? 1 : 0;
  return bytes;
}
