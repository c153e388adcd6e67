/**
 * Layer: transport. Errors of peers that speak WebSocket.
 *
 * @module
 */
import { ZmqError } from "../../errors.ts";
import type { DialectName } from "./subprotocol.ts";

const PROTOCOL_ERROR = 1002;

/** The peer broke the WebSocket protocol, or sent what this transport does not take. */
export class WebSocketError extends ZmqError {
  /** The code to send in a Close frame. */
  readonly closeCode: number;

  /** @param closeCode The code to send in a Close frame. */
  constructor(message: string, closeCode: number = PROTOCOL_ERROR) {
    super("EPROTO", message);
    this.closeCode = closeCode;
  }
}

/** The server speaks another dialect than this client, which can speak it with its next attempt. */
export class OtherDialectError extends WebSocketError {
  /** What the server speaks. */
  readonly dialect: DialectName;

  /** @param dialect What the server speaks. */
  constructor(dialect: DialectName) {
    super(
      dialect === "commands"
        ? "The server began with a command, not with its routing id"
        : "The server began with a message, not with READY",
    );
    this.dialect = dialect;
  }
}
