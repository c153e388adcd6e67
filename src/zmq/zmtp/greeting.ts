/**
 * Layer: zmtp. The greetings of a connection: two peers agree on a version of
 * ZMTP (RFC 37, "Greeting"; RFC 15, "Backwards Interoperability"). Bytes in,
 * bytes out; no I/O.
 *
 * We send no more than any peer understands, and the next part once the peer's
 * bytes show which version it speaks:
 *
 *     ff, size of the identity + 1, 7f    the signature; to ZMTP 1.0, a header
 *      ├── 03 ──┬── 01 ── mechanism, as-server, filler    to 3.x, and later ones
 *      │        └── socket type, identity frame           to 2.0, and 1.0 with a greeting
 *      └── identity                                     to 1.0 without
 *
 * libzmq closes the connection as soon as it receives the name of another
 * mechanism than its own, and never sends its own name. So we send ours once
 * the peer's has arrived; or once the peer, by sending just `03 01`, shows that
 * it waits as we do; or once the owner stops waiting.
 *
 * Each byte of the peer is checked as soon as it arrives.
 *
 * @module
 */
import { allocate, concat, EMPTY } from "../bytes.ts";
import { ProtocolError } from "../errors.ts";
import { traitsOf } from "../socket_traits.ts";
import { SOCKET_TYPE_NAMES, type SocketType } from "../types.ts";
import { COMMAND, MAX_HEADER, MORE } from "../framing.ts";
import {
  type PeerProperties,
  requireMeeting,
  requireRoutingId,
} from "./metadata.ts";
import { UNVERSIONED, type Version, versionOf } from "./versions.ts";

/** The size of the greeting of ZMTP 3 in bytes. */
const GREETING_SIZE = 64;
const SIGNATURE_SIZE = 10;
/** Signature and version. */
const VERSION_SIZE = 12;
/** Everything up to the name of the mechanism. */
const MECHANISM_END = 32;
/** Where the frames of ZMTP 2.0 begin: after signature, revision and socket type. */
const OLD_GREETING_SIZE = 12;

/** What this side announces. */
export interface OwnGreeting {
  readonly type: SocketType;
  readonly routingId: Uint8Array;
  /** The name of the security mechanism, such as `NULL`. */
  readonly mechanism: string;
  readonly isServer: boolean;
  /**
   * Whether the peer sends its version first, as the connecting side does. One
   * of them must begin. Being second is useful: libzmq disconnects silently if
   * the socket types do not fit, and this way we learn its type before it
   * learns ours.
   */
  readonly isSecond: boolean;
  /** Whether peers must authenticate, which ZMTP before 3.0 cannot do. */
  readonly isProtected: boolean;
}

/** The result of the greetings. */
export interface Agreement {
  readonly version: Version;
  /** The peer, if its greeting describes it; from 3.0 on the handshake does. */
  readonly peer: PeerProperties | undefined;
  /** The bytes after the greeting. */
  readonly rest: Uint8Array;
}

/** The greetings of one connection. */
export class Greeting {
  /** What has arrived from the peer. */
  #bytes: Uint8Array = EMPTY;
  #sent: "signature" | "major" | "version" | "mechanism" | "all" = "signature";
  #isAwaited = false;
  #isWaitOver = false;
  readonly #own: OwnGreeting;
  readonly #send: (bytes: Uint8Array) => void;

  /** @param send Takes the bytes to send; called at once with the first ones. */
  constructor(own: OwnGreeting, send: (bytes: Uint8Array) => void) {
    this.#own = own;
    this.#send = send;
    send(signature(own.routingId.byteLength));
  }

  /** Takes bytes from the peer; they must not change afterwards. */
  receive(chunk: Uint8Array): void {
    this.#bytes = this.#bytes.byteLength === 0
      ? chunk
      : concat([this.#bytes, chunk]);
  }

  /** Whether the name of our mechanism is withheld until the peer's has arrived. */
  get isWaitingForPeer(): boolean {
    return this.#sent === "version";
  }

  /** Whether we do not wait for the peer's mechanism: the peer waits for ours, or it may. */
  get isAwaited(): boolean {
    return this.#isAwaited;
  }

  /** Whether everything has been sent to a peer of 3.x. */
  get isComplete(): boolean {
    return this.#sent === "mechanism";
  }

  /** Makes `next` send everything, whatever the peer has sent. */
  stopWaiting(): void {
    this.#isWaitOver = true;
  }

  /**
   * The agreement, or `undefined` until more bytes arrive.
   *
   * @throws {ProtocolError} No agreement is possible.
   */
  next(): Agreement | undefined {
    const bytes = this.#bytes;
    const size = bytes.byteLength;
    if (size === 0) return undefined;
    if (bytes[0] !== 0xff) return this.#unversioned(1);
    if (size < SIGNATURE_SIZE) return undefined;
    // The padding may have any value, and of byte 9 only bit 0 counts.
    if ((bytes[9]! & 1) === 0) return this.#unversioned(9);
    const isAlone = size === SIGNATURE_SIZE;
    if (this.#sent === "signature" && !(isAlone && this.#own.isSecond)) {
      this.#sent = "major";
      this.#send(Uint8Array.of(3));
    }
    if (isAlone) return undefined;
    const version = versionOf(bytes[10]!, bytes[11] ?? 0);
    if (version === undefined) {
      throw new ProtocolError(
        "ERR_ZMTP_UNSUPPORTED_VERSION",
        `The peer's greeting has the unknown revision ${bytes[10]}`,
      );
    }
    return version.hasCommands ? this.#modern(version) : this.#old(version);
  }

  /** ZMTP 3.x, or a later version, which can fall back to it. */
  #modern(version: Version): Agreement | undefined {
    const { mechanism, isServer } = this.#own;
    const { byteLength: size } = this.#bytes;
    if (this.#sent === "major") {
      this.#sent = "version";
      this.#send(Uint8Array.of(1));
    }
    if (size === VERSION_SIZE || this.#isWaitOver) this.#isAwaited = true;
    const canSend = this.#isAwaited || size >= MECHANISM_END;
    if (this.#sent === "version" && canSend) {
      this.#sent = "mechanism";
      this.#send(modernRest(mechanism, isServer));
    }
    if (size < GREETING_SIZE) return undefined;
    const theirs = mechanismOf(this.#bytes);
    if (theirs !== mechanism) {
      throw new ProtocolError(
        "ERR_ZMTP_MECHANISM_MISMATCH",
        `The peer uses the mechanism "${theirs}", this socket uses "${mechanism}"`,
        { peerMechanism: theirs },
      );
    }
    const rest = this.#bytes.subarray(GREETING_SIZE);
    return { version, peer: undefined, rest };
  }

  /** ZMTP 2.0, or 1.0 with a greeting. */
  #old(version: Version): Agreement | undefined {
    this.#requireOpenness(version);
    const { type, routingId } = this.#own;
    if (this.#sent === "major") {
      this.#sent = "all";
      this.#send(concat([
        Uint8Array.of(oldTypeOf(type)),
        identityFrame(version, routingId),
      ]));
    }
    if (this.#bytes.byteLength < OLD_GREETING_SIZE) return undefined;
    const number = this.#bytes[11]!;
    const socketType = SOCKET_TYPE_NAMES[number] ?? `socket of type ${number}`;
    requireMeeting(type, socketType);
    return this.#identified(version, socketType, OLD_GREETING_SIZE);
  }

  /**
   * ZMTP 1.0 without a greeting: the frame of the peer's identity comes first.
   *
   * Unlike RFC 13 we check its flags, which are 0 in every implementation.
   * Otherwise a client that speaks HTTP, TLS or SSH would be taken for a peer.
   *
   * @param flagsAt Where the flags of that frame are.
   */
  #unversioned(flagsAt: 1 | 9): Agreement | undefined {
    const bytes = this.#bytes;
    if (bytes[0] === 0 || (bytes[flagsAt] ?? 0) !== 0) {
      const shown = [...bytes.subarray(0, 2)].map((byte) =>
        byte.toString(16).padStart(2, "0")
      );
      throw new ProtocolError(
        "ERR_ZMTP_UNSPECIFIED",
        `The peer does not speak ZMTP: its first bytes are ${shown.join(" ")}`,
      );
    }
    if (bytes.byteLength <= flagsAt) return undefined;
    this.#requireOpenness(UNVERSIONED);
    if (this.#sent === "signature") {
      this.#sent = "all";
      this.#send(this.#own.routingId); // the signature was the header of its frame
    }
    return this.#identified(UNVERSIONED, "", 0);
  }

  /** Reads the frame of the peer's identity, with which an old greeting ends. */
  #identified(
    version: Version,
    socketType: string,
    at: number,
  ): Agreement | undefined {
    const bytes = this.#bytes;
    const { framing } = version;
    if (bytes.byteLength === at) return undefined;
    const start = at + framing.headerSize(bytes, at);
    if (bytes.byteLength < start) return undefined;
    if ((framing.flags(bytes, at) & (MORE | COMMAND)) !== 0) {
      throw new ProtocolError(
        "ERR_ZMTP_INVALID_SEQUENCE",
        "The peer's identity is not a message of one frame",
      );
    }
    const end = start + framing.bodySize(bytes, at);
    requireRoutingId(end - start);
    if (bytes.byteLength < end) return undefined;
    const routingId = concat([bytes.subarray(start, end)]);
    return {
      version,
      peer: { version, socketType, routingId },
      rest: bytes.subarray(end),
    };
  }

  /** The downgrade guard: an old version has no security, and must not be a way around ours. It has no draft types, either. */
  #requireOpenness({ name }: Version): void {
    const { isProtected, mechanism, type } = this.#own;
    if (traitsOf(type).isDraft) {
      throw new ProtocolError(
        "ERR_ZMTP_UNSUPPORTED_VERSION",
        `The peer speaks ZMTP ${name}, which does not have ${
          SOCKET_TYPE_NAMES[type]
        } sockets`,
      );
    }
    if (!isProtected) return;
    const what = mechanism === "NULL"
      ? "authenticates its peers"
      : `uses ${mechanism}`;
    throw new ProtocolError(
      "ERR_ZMTP_UNSUPPORTED_VERSION",
      `The peer speaks ZMTP ${name}, which has no security, and this socket ${what}`,
    );
  }
}

/** The first ten bytes; a peer of ZMTP 1.0 reads the header of a long frame in them. */
function signature(routingIdSize: number): Uint8Array {
  const bytes = allocate(SIGNATURE_SIZE).fill(0);
  bytes[0] = 0xff;
  bytes[7] = (routingIdSize + 1) >> 8;
  bytes[8] = (routingIdSize + 1) & 0xff;
  bytes[9] = 0x7f;
  return bytes;
}

/** What follows the version in ZMTP 3. */
function modernRest(mechanism: string, isServer: boolean): Uint8Array {
  const bytes = allocate(GREETING_SIZE - VERSION_SIZE).fill(0);
  for (let i = 0; i < mechanism.length; i++) {
    bytes[i] = mechanism.charCodeAt(i);
  }
  bytes[MECHANISM_END - VERSION_SIZE] = isServer ? 1 : 0;
  return bytes;
}

/** RFC 15: on the wire, XPUB and XSUB are PUB and SUB. */
function oldTypeOf(type: SocketType): number {
  return traitsOf(type).oldNumber ?? type;
}

function identityFrame({ framing }: Version, routingId: Uint8Array) {
  const bytes = allocate(MAX_HEADER + routingId.byteLength);
  const at = framing.write(bytes, 0, routingId.byteLength, 0);
  bytes.set(routingId, at);
  return bytes.subarray(0, at + routingId.byteLength);
}

/** The mechanism in a greeting of ZMTP 3. */
function mechanismOf(bytes: Uint8Array): string {
  let mechanism = "";
  let end = false;
  for (let i = 12; i < 32; i++) {
    const byte = bytes[i]!;
    if (byte === 0) end = true;
    else if (end || byte < 0x20 || byte > 0x7e) {
      throw new ProtocolError(
        "ERR_ZMTP_MECHANISM_MISMATCH",
        "The peer's mechanism name is malformed",
      );
    } else mechanism += String.fromCharCode(byte);
  }
  return mechanism;
}
