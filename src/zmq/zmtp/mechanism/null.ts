/**
 * Layer: zmtp. The NULL mechanism (RFC 37, "The NULL Security Mechanism"): both
 * sides send READY with their metadata, and nothing is encrypted. A server may
 * authenticate the peer by its address before it sends READY.
 *
 * @module
 */
import {
  type Command,
  decodeMetadata,
  encodeCommand,
  encodeMetadata,
  type Metadata,
} from "../command.ts";
import { peerError, refusal, unexpected } from "./failures.ts";
import type {
  Credentials,
  Mechanism,
  OwnProperties,
  Verdict,
} from "./mechanism.ts";

/** NULL on one connection. */
export class NullMechanism implements Mechanism {
  readonly name = "NULL";
  readonly isServer = false;
  readonly isSafeToBegin = true;
  readonly waitsForPeer: boolean;
  readonly cipher = undefined;
  credentials: Credentials | undefined;
  metadata: Metadata | undefined;
  readonly #properties: OwnProperties;

  /**
   * @param properties The metadata of this side.
   * @param authenticatesPeers Whether the peer must be authenticated.
   */
  constructor(properties: OwnProperties, authenticatesPeers: boolean) {
    this.#properties = properties;
    this.waitsForPeer = !authenticatesPeers;
    if (authenticatesPeers) this.credentials = { mechanism: "NULL" };
  }

  open(): Uint8Array | undefined {
    return this.credentials === undefined ? this.#ready() : undefined;
  }

  receive(command: Command): undefined {
    if (command.name === "ERROR") throw peerError(command);
    if (command.name !== "READY") throw unexpected(command, "READY");
    this.metadata = decodeMetadata(
      command.data,
      "ERR_ZMTP_MALFORMED_COMMAND_READY",
    );
  }

  resume(verdict: Verdict): Uint8Array | undefined {
    this.credentials = undefined;
    return verdict.status === 200 ? this.#ready() : refusal(verdict);
  }

  #ready(): Uint8Array {
    return encodeCommand("READY", encodeMetadata(this.#properties));
  }
}
