/**
 * Layer: zmq, bottom. The headers of frames: those of ZMTP 1.0 (RFC 13), and those of
 * all versions since 2.0 (RFC 15, RFC 23, RFC 37). It neither handles bodies
 * nor checks whether a frame is allowed.
 *
 *     1.0    length, counting the flags: 1 or ff + 8    flags    body
 *     2.0    flags    size of the body: 1 or 8                   body
 *
 * @module
 */
import { ProtocolError } from "./errors.ts";

/** Another frame of the same message follows. */
export const MORE = 1;
/** The size takes eight bytes; only in the framing of ZMTP 2.0. */
const LONG = 2;
/** The frame is a command; only where the version has commands. */
export const COMMAND = 4;

/** The flags of a message of ZWS, which is a frame (RFC 45); a last frame has none. */
const ZWS_MORE = 1;
export const ZWS_COMMAND = 2;

/** The flags of ZWS for those of ZMTP. */
export function zwsFlagsOf(flags: number): number {
  if ((flags & COMMAND) !== 0) return ZWS_COMMAND;
  return (flags & MORE) !== 0 ? ZWS_MORE : 0;
}

/** The flags of ZMTP for those of ZWS. */
export function flagsOfZws(flags: number): number {
  if (flags === ZWS_COMMAND) return COMMAND;
  return flags === ZWS_MORE ? MORE : 0;
}

/** No header is larger, in bytes. */
export const MAX_HEADER = 10;

/**
 * The headers of one kind of framing. Small functions without state: they are
 * called for each frame, and a runtime can inline them.
 */
export interface Framing {
  /** The size of the header that begins at an offset; its first byte must have arrived. */
  headerSize(bytes: Uint8Array, at: number): number;
  /** The flags of a complete header: `MORE` and `COMMAND` count. */
  flags(bytes: Uint8Array, at: number): number;
  /**
   * The size of the body by a complete header.
   *
   * @throws {ProtocolError} No frame can have this size.
   */
  bodySize(bytes: Uint8Array, at: number): number;
  /** Writes a header; returns the offset of the body. */
  write(bytes: Uint8Array, at: number, size: number, flags: number): number;
}

/** ZMTP 1.0: the length comes first, and the flags count as part of it. */
export const FRAMING_1: Framing = {
  headerSize: (bytes, at) => bytes[at] === 0xff ? 10 : 2,

  // Flags that ZMTP 1.0 does not know have no meaning.
  flags: (bytes, at) => bytes[bytes[at] === 0xff ? at + 9 : at + 1]! & MORE,

  bodySize(bytes, at) {
    const first = bytes[at]!;
    const length = first === 0xff ? readSize(bytes, at + 1) : first;
    if (length > 0) return length - 1;
    throw new ProtocolError(
      "ERR_ZMTP_UNSPECIFIED",
      "A frame of ZMTP 1.0 has the length 0, which leaves no room for its flags",
    );
  },

  write(bytes, at, size, flags) {
    if (size < 254) bytes[at++] = size + 1;
    else {
      bytes[at++] = 0xff;
      at = writeSize(bytes, at, size + 1);
    }
    bytes[at++] = flags & MORE;
    return at;
  },
};

/** ZMTP 2.0 and 3.x: the flags come first. */
export const FRAMING_2: Framing = {
  headerSize: (bytes, at) => (bytes[at]! & LONG) === 0 ? 2 : 9,

  flags: (bytes, at) => bytes[at]!,

  bodySize: (bytes, at) =>
    (bytes[at]! & LONG) === 0 ? bytes[at + 1]! : readSize(bytes, at + 1),

  write(bytes, at, size, flags) {
    if (size < 256) {
      bytes[at++] = flags;
      bytes[at++] = size;
      return at;
    }
    bytes[at++] = flags | LONG;
    return writeSize(bytes, at, size);
  },
};

/**
 * The same, but tolerates a bug in libzmq 4.3: its SUBSCRIBE and CANCEL of 256
 * to 265 bytes have a size of eight bytes, but not the flag for it. By their
 * flags they would be commands of size 0, which do not exist.
 */
export const FRAMING_2_SLIP: Framing = {
  ...FRAMING_2,

  headerSize: (bytes, at) =>
    (bytes[at]! & LONG) === 0 && !isSlip(bytes, at) ? 2 : 9,

  bodySize(bytes, at) {
    if (!isSlip(bytes, at)) return FRAMING_2.bodySize(bytes, at);
    const size = readSize(bytes, at + 1);
    if (size >= 256 && size <= 265) return size;
    throw new ProtocolError(
      "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
      "A command has no name",
    );
  },
};

function isSlip(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === COMMAND && bytes[at + 1] === 0;
}

/** Reads a 64-bit size; rejects one that a JavaScript number cannot represent exactly. */
function readSize(bytes: Uint8Array, offset: number): number {
  const high = word(bytes, offset);
  if (high >= 0x200000) {
    throw new ProtocolError(
      "ERR_ZMTP_MESSAGE_TOO_LARGE",
      "A frame declares a size above 2^53 bytes",
    );
  }
  return high * 0x100000000 + word(bytes, offset + 4);
}

function word(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! * 0x1000000 +
    ((bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) |
      bytes[offset + 3]!);
}

function writeSize(bytes: Uint8Array, offset: number, size: number): number {
  let high = Math.floor(size / 0x100000000);
  let low = size >>> 0;
  for (let i = 3; i >= 0; i--) {
    bytes[offset + i] = high & 0xff;
    bytes[offset + 4 + i] = low & 0xff;
    high >>>= 8;
    low >>>= 8;
  }
  return offset + 8;
}
