/**
 * Test support. What is fuzzed: a target makes inputs out of random numbers,
 * feeds one to something fresh, and judges what comes of it.
 *
 * @module
 */
import type { ProtocolErrorCode } from "../../src/zmq/errors.ts";
import type { Random } from "./random.ts";

/** Puts back what was changed, and closes what was opened. */
export type Undo = () => void | Promise<void>;

/** One input: all that is needed to run it again. */
export interface Input {
  /** What is fed: plain data, different for each target. */
  readonly setup: Readonly<Record<string, string | number>>;
  readonly bytes: Uint8Array;
  /** Where the bytes are cut into chunks for a second run; none asks for no second run. */
  readonly cuts: readonly number[];
}

/** Something that is fuzzed. */
export interface Target {
  readonly name: string;
  /** How many of 1,000 inputs are for it. */
  readonly share: number;
  /** Makes ready what serves many inputs; returns what undoes that. */
  open?(): Undo;
  /** Makes an input; its memory is good until the next is made. */
  generate(random: Random): Input;
  /**
   * Runs an input.
   *
   * @returns The outcome, in a word, for the table at the end.
   * @throws {Flaw} It broke what must hold. Any other error is a flaw too.
   */
  run(input: Input): string | Promise<string>;
  /** How often something else happened, such as a message; for the table. */
  readonly counts?: ReadonlyMap<string, number>;
}

/** What must hold does not. */
export class Flaw extends Error {
  override readonly name = "Flaw";
}

/** Throws a {@link Flaw} unless `holds`. */
export function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Flaw(what);
}

/** Every code that a ProtocolError may have, as `src/zmq/errors.ts` lists them. */
const CODES: Readonly<Record<ProtocolErrorCode, true>> = {
  ERR_ZMTP_UNSPECIFIED: true,
  ERR_ZMTP_UNSUPPORTED_VERSION: true,
  ERR_ZMTP_MECHANISM_MISMATCH: true,
  ERR_ZMTP_UNEXPECTED_COMMAND: true,
  ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED: true,
  ERR_ZMTP_MALFORMED_COMMAND_HELLO: true,
  ERR_ZMTP_MALFORMED_COMMAND_WELCOME: true,
  ERR_ZMTP_MALFORMED_COMMAND_INITIATE: true,
  ERR_ZMTP_MALFORMED_COMMAND_READY: true,
  ERR_ZMTP_MALFORMED_COMMAND_MESSAGE: true,
  ERR_ZMTP_CRYPTOGRAPHIC: true,
  ERR_ZMTP_MALFORMED_COMMAND_ERROR: true,
  ERR_ZMTP_INVALID_METADATA: true,
  ERR_ZMTP_INVALID_SEQUENCE: true,
  ERR_ZMTP_MESSAGE_TOO_LARGE: true,
  ERR_ZMTP_PEER_ERROR: true,
  ERR_ZAP_MALFORMED_REPLY: true,
  ERR_ZAP_BAD_VERSION: true,
  ERR_ZAP_INVALID_STATUS_CODE: true,
};

/**
 * The code of an error that a peer may cause.
 *
 * @throws The error itself if it is of another kind.
 */
export function codeOf(error: unknown): string {
  const { name, code } = error as { name?: unknown; code?: unknown };
  if (name === "ProtocolError" && Object.hasOwn(CODES, String(code))) {
    return String(code);
  }
  if (name === "AuthError" && code === "ERR_ZAP_REFUSED") return code;
  throw error;
}
