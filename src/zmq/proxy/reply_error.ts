/**
 * Layer: proxy. The error reply, by which a service reports to a client that
 * its request has failed, in three frames:
 *
 * 1. the byte 0 and the text `ERROR`, which no reply of text starts with,
 * 2. a code for programs,
 * 3. a text for humans.
 *
 * @module
 */
import { bytesEqual, decodeText, encodeText } from "../bytes.ts";
import type { Message } from "../message.ts";

const MARK = encodeText("\0ERROR");

/**
 * A request has failed, and the client learns why. If a handler of `serve`
 * throws it, its code and its message are sent to the client.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { zmq } from "@agentzero/agentzero";
 *
 * const reply = new zmq.ReplyError("ENOENT", "No such user").toMessage();
 * const error = zmq.ReplyError.from(reply);
 * assertEquals([error?.code, error?.message], ["ENOENT", "No such user"]);
 * ```
 */
export class ReplyError extends Error {
  /** The name of the class. */
  override readonly name: string = "ReplyError";
  /** The stable code to match on; `EINTERNAL` for an error of another kind. */
  readonly code: string;

  /**
   * Creates the error.
   *
   * @param code The stable code.
   * @param message What happened, for humans.
   */
  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  /** The error in a reply; `undefined` if it is not an error reply. */
  static from(reply: readonly Uint8Array[]): ReplyError | undefined {
    const [mark, code, text] = reply;
    if (reply.length !== 3 || !bytesEqual(mark!, MARK)) return undefined;
    return new ReplyError(decodeText(code!), decodeText(text!));
  }

  /** The error to send to a client: only a `ReplyError` reveals its details. */
  static of(error: unknown): ReplyError {
    if (error instanceof ReplyError) return error;
    return new ReplyError("EINTERNAL", "The request failed", { cause: error });
  }

  /** The frames of the error reply. */
  toMessage(): Message {
    return [MARK, encodeText(this.code), encodeText(this.message)];
  }
}
