/**
 * Layer: transport. The messages of a WebSocket in a browser, whose sessions speak
 * ZWS: `../../zmtp/frame_encoder.browser.ts` makes them.
 *
 * @module
 */
import type { Dialect } from "../ws/dialect.ts";
import { WebSocketError } from "../ws/errors.ts";

/** Checks the messages that arrive. */
export class IncomingMessages {
  /** Sessions have no greeting to wait for. */
  readonly isReady = false;
  readonly #dialect: Dialect;
  #messages: Uint8Array[] = [];

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /**
   * A message has arrived.
   *
   * @throws {WebSocketError} It is no frame, or not one of this dialect.
   */
  add(message: Uint8Array): void {
    const [flags] = message;
    if (flags === undefined) {
      throw new WebSocketError("The peer's message has no flags");
    }
    this.#dialect.flagsOf(flags);
    this.#messages.push(message);
  }

  /** Takes them for the session. */
  take(): Uint8Array[] {
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }
}

/** Nothing has to be translated. */
export class OutgoingMessages {
  /** The messages as they are. */
  translate(chunks: readonly Uint8Array[]): readonly Uint8Array[] {
    return chunks;
  }
}
