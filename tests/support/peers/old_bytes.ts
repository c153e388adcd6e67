/**
 * Test support. ZMTP 2.0 and 1.0 on the wire, written by hand from RFC 15 and
 * RFC 13 and not with the engine's own encoder.
 *
 * @module
 */
import type { Age } from "./ageing.ts";
import { bytes, MORE } from "./zmtp_bytes.ts";

/** The numbers of the socket types; RFC 15 has those up to 8. */
export const TYPE_NUMBERS: Readonly<Record<string, number>> = {
  PAIR: 0,
  PUB: 1,
  SUB: 2,
  REQ: 3,
  REP: 4,
  DEALER: 5,
  ROUTER: 6,
  PULL: 7,
  PUSH: 8,
  XPUB: 9,
  XSUB: 10,
};

/** A frame, its size short where it can be. */
export function oldFrame(
  age: Age,
  body: string | Uint8Array,
  flags = 0,
): Uint8Array {
  const content = bytes(body);
  return bytes(oldHeader(age, content.byteLength, flags), content);
}

/** The header of a frame, whatever follows it. @param size That of the body. */
export function oldHeader(
  age: Age,
  size: number,
  flags = 0,
  isLong = age === "2.0" ? size > 255 : size > 253,
): Uint8Array {
  const eight = new Uint8Array(8);
  const length = age === "2.0" ? size : size + 1;
  new DataView(eight.buffer).setBigUint64(0, BigInt(length));
  if (age === "2.0") {
    return bytes(isLong ? flags | 2 : flags, isLong ? eight : size);
  }
  return isLong ? bytes(0xff, eight, flags) : bytes(length, flags);
}

/** The frames of a message. */
export function oldMessage(
  age: Age,
  ...frames: readonly (string | Uint8Array)[]
): Uint8Array {
  const last = frames.length - 1;
  return bytes(
    ...frames.map((body, i) => oldFrame(age, body, i < last ? MORE : 0)),
  );
}

/** All that a peer sends before its messages: signature, revision and type, where there are any, and identity. */
export function oldGreeting(
  age: Age,
  socketType: string,
  identity: string | Uint8Array = "",
): Uint8Array {
  const frame = oldFrame(age, identity);
  if (age === "1.0 without a greeting") return frame;
  const size = bytes(identity).byteLength + 1;
  return bytes(
    ...[0xff, 0, 0, 0, 0, 0, 0, size >> 8, size & 0xff, 0x7f],
    age === "2.0" ? 1 : 0,
    TYPE_NUMBERS[socketType]!,
    frame,
  );
}
