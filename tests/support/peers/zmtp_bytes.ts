/**
 * Test support. ZMTP 3 on the wire, written by hand from RFC 37 and not with
 * the engine's own encoder, so that a fault there cannot hide itself. Builds
 * what is right and, just as easily, what is wrong.
 *
 * @module
 */

/** Another frame of the message follows. */
export const MORE = 1;
/** The size takes eight bytes. */
export const LONG = 2;
/** The frame is a command. */
export const COMMAND = 4;

/** Joins numbers (one byte each), text (UTF-8) and bytes. */
export function bytes(
  ...parts: readonly (number | string | Uint8Array)[]
): Uint8Array {
  const encoder = new TextEncoder();
  const arrays = parts.map((part) =>
    typeof part === "number"
      ? Uint8Array.of(part)
      : typeof part === "string"
      ? encoder.encode(part)
      : part
  );
  const whole = new Uint8Array(arrays.reduce((n, a) => n + a.byteLength, 0));
  let at = 0;
  for (const array of arrays) {
    whole.set(array, at);
    at += array.byteLength;
  }
  return whole;
}

/** What can be said in a greeting. */
export interface GreetingParts {
  readonly major?: number;
  readonly minor?: number;
  /** Up to 20 bytes; padded with zeros. */
  readonly mechanism?: string | Uint8Array;
  /** The eight bytes between `ff` and `7f`. */
  readonly padding?: Uint8Array;
}

/** The 64 bytes of a greeting. */
export function greeting(
  { major = 3, minor = 1, mechanism = "NULL", padding }: GreetingParts = {},
): Uint8Array {
  const whole = new Uint8Array(64);
  whole[0] = 0xff;
  whole.set(padding ?? [0, 0, 0, 0, 0, 0, 0, 1], 1);
  whole[9] = 0x7f;
  whole[10] = major;
  whole[11] = minor;
  whole.set(bytes(mechanism).subarray(0, 20), 12);
  return whole;
}

/** A frame; the size is short where it can be, unless `flags` has LONG. */
export function frame(body: string | Uint8Array, flags = 0): Uint8Array {
  const content = bytes(body);
  const size = content.byteLength;
  return (flags & LONG) !== 0 || size > 255
    ? bytes(longHeader(size, flags), content)
    : bytes(flags, size, content);
}

/** The header of a frame with eight bytes of size, whatever follows it. */
export function longHeader(size: number | bigint, flags = 0): Uint8Array {
  const header = new Uint8Array(9);
  header[0] = flags | LONG;
  new DataView(header.buffer).setBigUint64(1, BigInt(size));
  return header;
}

/** The frames of a message. */
export function message(
  ...frames: readonly (string | Uint8Array)[]
): Uint8Array {
  const last = frames.length - 1;
  return bytes(...frames.map((body, i) => frame(body, i < last ? MORE : 0)));
}

/** A command frame. */
export function command(
  name: string,
  data: string | Uint8Array = "",
): Uint8Array {
  return frame(bytes(name.length, name, data), COMMAND);
}

/** One property of a READY. */
export function property(name: string, value: string | Uint8Array): Uint8Array {
  const content = bytes(value);
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, content.byteLength);
  return bytes(name.length, name, size, content);
}

/** A READY with a socket type and, where given, an identity. */
export function ready(
  socketType: string,
  identity: string | Uint8Array = "",
): Uint8Array {
  return command(
    "READY",
    bytes(property("Socket-Type", socketType), property("Identity", identity)),
  );
}

/** All that a peer sends until its handshake is done. */
export function handshake(
  socketType: string,
  identity: string | Uint8Array = "",
): Uint8Array {
  return bytes(greeting(), ready(socketType, identity));
}
