/**
 * Layer: zmtp. What the connection needs of a security mechanism: it answers
 * handshake commands until it has the peer's metadata, stops where somebody
 * must say whether the peer may come in, and may protect what follows.
 *
 * @module
 */
import type { ZapErrorCode } from "../../errors.ts";
import type { Command, Metadata } from "../command.ts";

/** Who a client says it is, for ZAP (RFC 27). */
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

/** What was decided about a client: its ZAP status code and text. */
export interface Verdict {
  /** 200 lets it in; 300 is a temporary error, 400 a refusal, 500 an internal error. */
  readonly status: 200 | 300 | 400 | 500;
  /** For people. */
  readonly text: string;
  /** What is wrong with the answer of the ZAP handler, where it breaks ZAP. */
  readonly problem?: ZapErrorCode;
}

/** Protects the frames after the handshake. */
export interface Cipher {
  /** How many bytes a sealed frame has more than its body. */
  readonly overhead: number;
  /** Seals a frame; the flags travel inside. */
  seal(flags: number, body: Uint8Array): Uint8Array;
  /**
   * Opens a frame.
   *
   * @throws {ProtocolError} It was not sealed by the peer, or not in this order.
   */
  open(
    sealed: Uint8Array,
  ): { readonly flags: number; readonly body: Uint8Array };
}

/** One side's handshake over one connection. */
export interface Mechanism {
  /** The name in the greeting. */
  readonly name: string;
  /** The as-server bit of the greeting. */
  readonly isServer: boolean;
  /** Whether what `open` gives may go to a peer of whose mechanism nothing is known. */
  readonly isSafeToBegin: boolean;
  /**
   * Whether `open` should wait for the peer's first command. libzmq leaves
   * without a word if the socket types do not fit, which the peer's READY tells.
   */
  readonly isPatient: boolean;
  /** Set while the handshake waits for `resume`. */
  readonly credentials: Credentials | undefined;
  /** The peer's properties; set once the handshake is complete on this side. */
  readonly metadata: Metadata | undefined;
  /** What protects the frames after the handshake, if anything does. */
  readonly cipher: Cipher | undefined;
  /** The command to send before anything has been received, if there is one. */
  open(): Uint8Array | undefined;
  /**
   * Takes a command of the peer.
   *
   * @returns The command to answer with, if any.
   * @throws {ProtocolError} The handshake has failed.
   */
  receive(command: Command): Uint8Array | undefined;
  /** Goes on after the decision; returns the command to send. */
  resume(verdict: Verdict): Uint8Array | undefined;
}

/** The properties that this side tells in its metadata, in order. */
export type OwnProperties = readonly (readonly [string, Uint8Array])[];
