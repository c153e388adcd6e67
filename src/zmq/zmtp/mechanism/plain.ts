/**
 * Layer: zmtp. The PLAIN mechanism (RFC 24): the client sends a user name and a
 * password in clear text, and the server authenticates them.
 *
 *     client ── HELLO ──▶ server ── (verdict) ── WELCOME ──▶ client
 *     client ── INITIATE ──▶ server ── READY ──▶ client
 *
 * @module
 */
import { concat, decodeText, encodeText } from "../../bytes.ts";

import {
  type Command,
  decodeMetadata,
  encodeCommand,
  encodeMetadata,
  type Metadata,
} from "../command.ts";
import { malformed, peerError, refusal, unexpected } from "./failures.ts";
import type {
  Credentials,
  Mechanism,
  OwnProperties,
  Verdict,
} from "./mechanism.ts";

/** The client side of PLAIN. */
export class PlainClient implements Mechanism {
  readonly name = "PLAIN";
  /** A password must not be sent to anything but a PLAIN server. */
  readonly isSafeToBegin = false;
  readonly waitsForPeer = false;
  readonly isServer = false;
  readonly credentials = undefined;
  readonly cipher = undefined;
  metadata: Metadata | undefined;
  readonly #properties: OwnProperties;
  readonly #hello: Uint8Array;
  #isWelcome = false;

  /** @param properties The metadata of this side. */
  constructor(properties: OwnProperties, username: string, password: string) {
    this.#properties = properties;
    this.#hello = concat([sized(username), sized(password)]);
  }

  open(): Uint8Array {
    return encodeCommand("HELLO", this.#hello);
  }

  receive(command: Command): Uint8Array | undefined {
    if (command.name === "ERROR") throw peerError(command);
    if (!this.#isWelcome) {
      if (command.name !== "WELCOME") throw unexpected(command, "WELCOME");
      if (command.data.byteLength > 0) throw malformed("WELCOME");
      this.#isWelcome = true;
      return encodeCommand("INITIATE", encodeMetadata(this.#properties));
    }
    if (command.name !== "READY") throw unexpected(command, "READY");
    this.metadata = decodeMetadata(
      command.data,
      "ERR_ZMTP_MALFORMED_COMMAND_READY",
    );
    return undefined;
  }

  resume(): undefined {}
}

/** The server side of PLAIN. */
export class PlainServer implements Mechanism {
  readonly name = "PLAIN";
  readonly isSafeToBegin = true;
  readonly waitsForPeer = false;
  readonly isServer = true;
  readonly cipher = undefined;
  credentials: Credentials | undefined;
  metadata: Metadata | undefined;
  readonly #properties: OwnProperties;
  #isDecided = false;

  /** @param properties The metadata of this side. */
  constructor(properties: OwnProperties) {
    this.#properties = properties;
  }

  open(): undefined {}

  receive(command: Command): Uint8Array | undefined {
    if (command.name === "ERROR") throw peerError(command);
    if (!this.#isDecided) {
      if (command.name !== "HELLO") throw unexpected(command, "HELLO");
      this.credentials = readHello(command.data);
      return undefined;
    }
    if (command.name !== "INITIATE") throw unexpected(command, "INITIATE");
    this.metadata = decodeMetadata(
      command.data,
      "ERR_ZMTP_MALFORMED_COMMAND_INITIATE",
    );
    return encodeCommand("READY", encodeMetadata(this.#properties));
  }

  resume(verdict: Verdict): Uint8Array | undefined {
    this.credentials = undefined;
    if (verdict.status !== 200) return refusal(verdict);
    this.#isDecided = true;
    return encodeCommand("WELCOME");
  }
}

function sized(text: string): Uint8Array {
  const bytes = encodeText(text);
  return concat([Uint8Array.of(bytes.byteLength), bytes]);
}

function readHello(data: Uint8Array): Credentials {
  const usernameEnd = 1 + (data[0] ?? 0);
  const passwordEnd = usernameEnd + 1 + (data[usernameEnd] ?? 0);
  if (data.byteLength < 2 || passwordEnd !== data.byteLength) {
    throw malformed("HELLO");
  }
  return {
    mechanism: "PLAIN",
    username: decodeText(data.subarray(1, usernameEnd)),
    password: decodeText(data.subarray(usernameEnd + 1, passwordEnd)),
  };
}
