/**
 * Example: clone. The frames of the Clustered Hashmap Protocol (RFC 12), with
 * two extensions: the values of a snapshot have properties, so that a backup
 * knows when they expire, and updates go to the server over PUSH, not PUB, so that
 * none is dropped on the way.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { zmq } from "@agentzero/agentzero";

/** Requests a snapshot. */
export const ICANHAZ = "ICANHAZ?";
/** Ends a snapshot. */
export const KTHXBAI = "KTHXBAI";
/** The server's heartbeat. */
export const HUGZ = "HUGZ";

/** A key and its value in a message: KVSYNC, KVPUB and KVSET all have this form. */
export interface Update {
  /** Such as `/sensors/3`. A subtree is a prefix that begins and ends with a slash, or is empty. */
  readonly key: string;
  /** The sequence number of the server; 0 if it is unknown to the client. */
  readonly sequence: number;
  /** Identifies the client's update, in hexadecimal; may be empty. */
  readonly uuid: string;
  /** After how many seconds the server deletes the value. */
  readonly ttl: number | undefined;
  /** If it is empty, the key is deleted. */
  readonly value: Uint8Array;
}

/** The addresses of one server. */
export interface ServerAddresses {
  /** A ROUTER: snapshots. */
  readonly snapshot: string;
  /** An XPUB: updates. */
  readonly publisher: string;
  /** A PULL: updates from clients. */
  readonly collector: string;
  /** A PUB: its state, for the other server of a pair. */
  readonly state: string;
}

/** The frames of an update. */
export function updateFrames(update: Update): zmq.MessageLike[] {
  const { key, sequence, uuid, ttl, value } = update;
  return [
    key,
    sequenceFrame(sequence),
    Buffer.from(uuid, "hex"),
    ttl === undefined ? "" : `ttl=${ttl}\n`,
    value,
  ];
}

/** The frames that end a snapshot. */
export function endFrames(sequence: number, subtree: string) {
  return [KTHXBAI, sequenceFrame(sequence), "", "", subtree];
}

/** The frames of the server's heartbeat. */
export function hugzFrames(): zmq.MessageLike[] {
  return [HUGZ, sequenceFrame(0), "", "", ""];
}

/** Parses any message of five frames; HUGZ and KTHXBAI appear as keys. */
export function parseUpdate(frames: zmq.Message): Update | undefined {
  const [key, sequence, uuid, properties, value] = frames;
  if (value === undefined || sequence?.byteLength !== 8) return undefined;
  const [, ttl] = `${properties}`.match(/^ttl=(\d+(?:\.\d+)?)$/m) ?? [];
  return {
    key: `${key}`,
    sequence: Number(Buffer.from(sequence).readBigUInt64BE()),
    uuid: Buffer.from(uuid!).toString("hex"),
    ttl: ttl === undefined ? undefined : Number(ttl),
    value,
  };
}

function sequenceFrame(sequence: number): Uint8Array {
  const frame = Buffer.alloc(8);
  frame.writeBigUInt64BE(BigInt(sequence));
  return frame;
}
