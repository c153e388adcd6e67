/**
 * Layer: zmtp. What the connection needs of a security mechanism: it answers
 * handshake commands until it has the peer's metadata.
 *
 * @module
 */
import type { Command, Metadata } from "../command.ts";

/** One side's handshake over one connection. */
export interface Mechanism {
  /** The name in the greeting. */
  readonly name: string;
  /** The as-server bit of the greeting. */
  readonly isServer: boolean;
  /** The peer's properties; set once the handshake is complete on this side. */
  readonly metadata: Metadata | undefined;
  /** The command to send before anything has been received, if there is one. */
  open(): Uint8Array | undefined;
  /**
   * Takes a command of the peer.
   *
   * @returns The command to answer with, if any.
   * @throws {ProtocolError} The handshake has failed.
   */
  receive(command: Command): Uint8Array | undefined;
}

/** The properties that this side tells in its metadata, in order. */
export type OwnProperties = readonly (readonly [string, Uint8Array])[];
