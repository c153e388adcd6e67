/**
 * Layer: zmtp. Opens a connection in a browser, which is the client of a WebSocket.
 * ZWS has no greeting: each side sends its routing id, or both speak the commands
 * of the mechanism. No I/O.
 *
 * @module
 */
import { copyOf } from "../bytes.ts";
import { ProtocolError } from "../errors.ts";
import { COMMAND } from "../framing.ts";
import { traitsOf } from "../socket_traits.ts";
import { SOCKET_TYPE_NAMES } from "../types.ts";
import { decodeCommand, judgeCommand } from "./command.ts";
import type { FrameDecoder } from "./frame_decoder.ts";
import type { FrameEncoder } from "./frame_encoder.ts";
import type { ConnectionSettings, HandshakeEvent } from "./handshake.ts";
import { fixLibzmqTypo } from "./mechanism/failures.ts";
import type { Cipher, Mechanism } from "./mechanism/mechanism.ts";
import { createMechanism } from "./mechanism/security.ts";
import {
  ownProperties,
  type PeerProperties,
  readPeer,
  requireRoutingId,
} from "./metadata.ts";
import { UNVERSIONED, type Version, ZMTP_3_1 } from "./versions.ts";

export type { ConnectionSettings, HandshakeEvent };

/** The handshake of one connection. */
export class Handshake {
  /** Whether `next` has reported that the peer is ready. */
  isDone = false;
  /** A browser authenticates no peers, and begins without waiting. */
  readonly ignoresInput = false;
  readonly isWaitingForPeer = false;
  readonly version: Version;
  readonly #settings: ConnectionSettings;
  readonly #mechanism: Mechanism | undefined;
  readonly #decoder: FrameDecoder;
  readonly #encoder: FrameEncoder;

  /** Encodes the first frame. */
  constructor(
    settings: ConnectionSettings,
    decoder: FrameDecoder,
    encoder: FrameEncoder,
  ) {
    this.#settings = settings;
    this.#decoder = decoder;
    this.#encoder = encoder;
    if (settings.exchangesRoutingIds) {
      this.version = UNVERSIONED;
      encoder.frame(settings.routingId, 0);
      return;
    }
    this.version = ZMTP_3_1;
    this.#mechanism = createMechanism(
      settings.security!,
      ownProperties(settings),
    );
    this.#command(this.#mechanism.open());
  }

  /** Whether messages can be sent. */
  get isReady(): boolean {
    return this.isDone;
  }

  /** Encrypts the frames that follow the handshake, if anything does. */
  get cipher(): Cipher | undefined {
    return this.#mechanism?.cipher;
  }

  /** Is not called. */
  stopWaiting(): void {}

  /** Is not called. */
  resume(): void {}

  /** Takes a message from the peer. */
  receive(message: Uint8Array): void {
    this.#decoder.push(message);
  }

  /**
   * The next event, or `undefined` until another message arrives.
   *
   * @throws {ProtocolError} The peer broke the protocol.
   */
  next(): HandshakeEvent | undefined {
    const mechanism = this.#mechanism;
    if (mechanism === undefined) return this.#readRoutingId();
    const { type } = this.#settings;
    for (;;) {
      const { metadata } = mechanism;
      if (metadata !== undefined) {
        return this.#ready(readPeer(metadata, type, this.version));
      }
      const body = this.#decoder.next();
      if (body === undefined) return undefined;
      this.#command(mechanism.receive(decodeCommand(fixLibzmqTypo(body))));
    }
  }

  /** Checks a frame of the handshake. */
  admit(size: number, flags: number): void {
    if (this.#mechanism === undefined) {
      requireRoutingId(size);
      if (flags === 0) return;
    }
    if ((flags & COMMAND) === 0) {
      throw new ProtocolError(
        "ERR_ZMTP_UNEXPECTED_COMMAND",
        "The peer sent a message before its handshake was done",
      );
    }
    judgeCommand(size, flags, 0);
  }

  #readRoutingId(): HandshakeEvent | undefined {
    const { type } = this.#settings;
    if (traitsOf(type).isDraft) {
      throw new ProtocolError(
        "ERR_ZMTP_UNSUPPORTED_VERSION",
        `There are no ${
          SOCKET_TYPE_NAMES[type]
        } sockets over WebSocket without a mechanism`,
      );
    }
    const body = this.#decoder.next();
    return body && this.#ready({
      version: this.version,
      socketType: "",
      routingId: copyOf(body),
    });
  }

  #ready(peer: PeerProperties): HandshakeEvent {
    this.isDone = true;
    return { type: "ready", peer };
  }

  #command(body: Uint8Array | undefined): void {
    if (body !== undefined) this.#encoder.command(body);
  }
}
