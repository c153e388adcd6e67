/**
 * Layer: zmtp. The NULL mechanism (RFC 37, "The NULL Security Mechanism"):
 * both sides send READY with their metadata, and nothing is protected.
 *
 * @module
 */
import { ProtocolError } from "../../errors.ts";
import {
  type Command,
  decodeErrorReason,
  decodeMetadata,
  encodeCommand,
  encodeMetadata,
  type Metadata,
} from "../command.ts";
import type { Mechanism, OwnProperties } from "./mechanism.ts";

/** NULL over one connection. */
export class NullMechanism implements Mechanism {
  readonly name = "NULL";
  readonly isServer = false;
  metadata: Metadata | undefined;
  readonly #properties: OwnProperties;

  /** @param properties What this side tells the peer. */
  constructor(properties: OwnProperties) {
    this.#properties = properties;
  }

  open(): Uint8Array {
    return encodeCommand("READY", encodeMetadata(this.#properties));
  }

  receive(command: Command): undefined {
    if (command.name === "READY") {
      this.metadata = decodeMetadata(
        command.data,
        "ERR_ZMTP_MALFORMED_COMMAND_READY",
      );
    } else if (command.name === "ERROR") {
      throw new ProtocolError(
        "ERR_ZMTP_PEER_ERROR",
        `The peer refused the handshake: ${decodeErrorReason(command.data)}`,
      );
    } else {
      throw new ProtocolError(
        "ERR_ZMTP_UNEXPECTED_COMMAND",
        `The peer sent ${command.name} where READY was expected`,
      );
    }
  }
}
