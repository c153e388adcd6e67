/**
 * Layer: zmtp. The 64 bytes that open a ZMTP 3 connection (RFC 37, "Greeting"):
 *
 *     signature (10)  version (2)  mechanism (20)  as-server (1)  filler (31)
 *
 * Written in two parts, as libzmq does: the signature at once, the rest when
 * the peer's signature is there. What the peer sends is judged as soon as each
 * byte arrives, so a stranger is recognised without waiting for 64 bytes.
 *
 * @module
 */
import { allocate } from "../bytes.ts";
import { ProtocolError } from "../errors.ts";

/** The size of a whole greeting in bytes. */
export const GREETING_SIZE = 64;
/** The size of the signature in bytes. */
export const SIGNATURE_SIZE = 10;

/** What the peer's greeting said. */
export interface Greeting {
  /** The minor version of ZMTP 3. */
  readonly minor: number;
  /** The name of the security mechanism, such as `NULL`. */
  readonly mechanism: string;
}

/** The first ten bytes. */
export function signature(): Uint8Array {
  const bytes = allocate(SIGNATURE_SIZE).fill(0);
  bytes[0] = 0xff;
  bytes[8] = 1; // libzmq's "length" in the padding, which ZMTP 1 peers read
  bytes[9] = 0x7f;
  return bytes;
}

/** The 54 bytes after the signature. */
export function greetingRest(mechanism: string, asServer: boolean): Uint8Array {
  const bytes = allocate(GREETING_SIZE - SIGNATURE_SIZE).fill(0);
  bytes[0] = 3;
  bytes[1] = 1;
  for (let i = 0; i < mechanism.length; i++) {
    bytes[2 + i] = mechanism.charCodeAt(i);
  }
  bytes[22] = asServer ? 1 : 0;
  return bytes;
}

/**
 * Throws as soon as the bytes so far cannot become a greeting we can answer.
 *
 * Of the padding nothing is asked: it may hold a length (a libzmq peer that
 * can also speak ZMTP 1 writes one), and of byte 9 only bit 0 counts.
 */
export function checkGreeting(bytes: Uint8Array, size: number): void {
  if (size > 0 && bytes[0] !== 0xff) {
    throw new ProtocolError(
      "ERR_ZMTP_UNSPECIFIED",
      `The peer does not speak ZMTP 3: its first byte is 0x${
        bytes[0]!.toString(16).padStart(2, "0")
      }`,
    );
  }
  if (size > 9 && (bytes[9]! & 1) === 0) {
    throw new ProtocolError(
      "ERR_ZMTP_UNSUPPORTED_VERSION",
      "The peer speaks ZMTP 1",
    );
  }
  if (size > 10 && bytes[10]! < 3) {
    throw new ProtocolError(
      "ERR_ZMTP_UNSUPPORTED_VERSION",
      `The peer speaks ZMTP ${bytes[10]! < 1 ? 1 : 2}`,
    );
  }
}

/** Reads a whole greeting that {@link checkGreeting} has let pass. */
export function readGreeting(bytes: Uint8Array): Greeting {
  let mechanism = "";
  let end = false;
  for (let i = 12; i < 32; i++) {
    const byte = bytes[i]!;
    if (byte === 0) end = true;
    else if (end || byte < 0x20 || byte > 0x7e) {
      throw new ProtocolError(
        "ERR_ZMTP_MECHANISM_MISMATCH",
        "The peer's mechanism is not a name",
      );
    } else mechanism += String.fromCharCode(byte);
  }
  return { minor: bytes[11]!, mechanism };
}
