/**
 * Layer: zmtp. The errors of a handshake that the mechanisms share.
 *
 * @module
 */
import { concat, encodeText } from "../../bytes.ts";
import {
  AuthError,
  type AuthStatus,
  ProtocolError,
  type ProtocolErrorCode,
} from "../../errors.ts";
import { type Command, decodeErrorReason, encodeCommand } from "../command.ts";
import type { Verdict } from "./mechanism.ts";

/** A command that is not allowed at this point. */
export function unexpected(command: Command, expected: string): ProtocolError {
  return new ProtocolError(
    "ERR_ZMTP_UNEXPECTED_COMMAND",
    `The peer sent ${command.name} where ${expected} was expected`,
  );
}

/** A handshake command that cannot be decoded. */
export function malformed(
  name: "HELLO" | "WELCOME" | "INITIATE" | "READY" | "MESSAGE",
): ProtocolError {
  const code: ProtocolErrorCode = `ERR_ZMTP_MALFORMED_COMMAND_${name}`;
  return new ProtocolError(code, `The peer's ${name} is malformed`);
}

/** A box that cannot be decrypted with the peer's key. */
export function forged(name: string): ProtocolError {
  return new ProtocolError(
    "ERR_ZMTP_CRYPTOGRAPHIC",
    `Cannot decrypt the peer's ${name}: its keys do not match`,
  );
}

/** The peer sent ERROR: it rejects the handshake or, with a ZAP status, our credentials. */
export function peerError(command: Command): ProtocolError | AuthError {
  const reason = decodeErrorReason(command.data);
  const message = `The peer refused the handshake: ${reason}`;
  return reason === "300" || reason === "400" || reason === "500"
    ? new AuthError(Number(reason) as AuthStatus, message)
    : new ProtocolError("ERR_ZMTP_PEER_ERROR", message);
}

/** The ERROR that sends a client the verdict; after a temporary error none is sent (RFC 27). */
export function refusal({ status }: Verdict): Uint8Array | undefined {
  if (status === 300) return undefined;
  const reason = encodeText(String(status));
  return encodeCommand(
    "ERROR",
    concat([Uint8Array.of(reason.byteLength), reason]),
  );
}

const TYPO = encodeText("^RROR");
const ERROR_NAME = encodeText("\x05ERROR");

/**
 * Corrects a typo in libzmq: its PLAIN server begins the ERROR command with
 * `^RROR` instead of `\x05ERROR`. Any other command is returned as it is.
 */
export function fixLibzmqTypo(body: Uint8Array): Uint8Array {
  const isTypo = TYPO.every((byte, i) => byte === body[i]);
  return isTypo ? concat([ERROR_NAME, body.subarray(TYPO.byteLength)]) : body;
}
