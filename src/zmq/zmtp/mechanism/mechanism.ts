/**
 * Layer: zmtp. What the connection needs of a security mechanism: it answers
 * handshake commands until it has the peer's metadata, waits while the peer is
 * authenticated, and may encrypt what follows.
 *
 * @module
 */
import type { ZapErrorCode } from "../../errors.ts";
import type { Command, Metadata } from "../command.ts";

/** The credentials of a client, for ZAP (RFC 27). */
export type Credentials =
  | { readonly mechanism: "NULL" }
  | {
    readonly mechanism: "PLAIN";
    readonly username: string;
    readonly password: string;
  }
  | {
    readonly mechanism: "CURVE";
    /** The client's long-term public key, 32 bytes. */
    readonly publicKey: Uint8Array;
  };

/** The result of authentication: the ZAP status code and text. */
export interface Verdict {
  /** 200 accepts the peer, 300 is a temporary error, 400 refuses the peer, 500 is an internal error. */
  readonly status: 200 | 300 | 400 | 500;
  /** The ZAP status text, for humans. */
  readonly text: string;
  /** How the reply of the ZAP handler violates ZAP, if it does. */
  readonly problem?: ZapErrorCode;
}

/** Encrypts the frames after the handshake. */
export interface Cipher {
  /** How many bytes an encrypted frame is larger than its body. */
  readonly overhead: number;
  /** The flags of the frame that `open` returned last. */
  readonly flags: number;
  /**
   * Encrypts a frame together with its flags, into `overhead` bytes more than
   * the body has.
   *
   * @param into Where they go, from `at` on.
   * @throws {ZmqError} `EMSGSIZE` if there is no memory to do so; the
   *   connection cannot continue.
   */
  seal(flags: number, body: Uint8Array, into: Uint8Array, at: number): void;
  /**
   * Decrypts a frame where it lies.
   *
   * @returns The body, a part of the same memory.
   * @throws {ProtocolError} It was not encrypted by the peer, or is out of
   *   order.
   */
  open(sealed: Uint8Array): Uint8Array;
}

/** One side's handshake over one connection. */
export interface Mechanism {
  /** The name in the greeting. */
  readonly name: string;
  /** The as-server bit of the greeting. */
  readonly isServer: boolean;
  /** Whether the first command may be sent before the peer's mechanism is known. */
  readonly isSafeToBegin: boolean;
  /**
   * Whether the first command should wait for the peer's. libzmq disconnects
   * silently if the socket types do not fit, and the peer's READY shows its
   * type.
   */
  readonly waitsForPeer: boolean;
  /** Set while the peer is being authenticated, until `resume` is called. */
  readonly credentials: Credentials | undefined;
  /** The peer's properties; set once the handshake is complete on this side. */
  readonly metadata: Metadata | undefined;
  /** Encrypts the frames after the handshake, if anything does. */
  readonly cipher: Cipher | undefined;
  /** The command to send before anything has been received, if there is one. */
  open(): Uint8Array | undefined;
  /**
   * Handles a command of the peer.
   *
   * @returns The command to answer with, if any.
   * @throws {ProtocolError} The handshake has failed.
   */
  receive(command: Command): Uint8Array | undefined;
  /** Continues after authentication; returns the command to send. */
  resume(verdict: Verdict): Uint8Array | undefined;
}

/** The properties in the metadata of this side, in order. */
export type OwnProperties = readonly (readonly [string, Uint8Array])[];
