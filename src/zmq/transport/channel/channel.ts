/**
 * Layer: transport. What a wire needs of a WebSocket of a browser or runtime: whole
 * messages in both directions, and backpressure. Types only.
 *
 * @module
 */

/** Notifications for the owner of a channel. */
export interface ChannelHandler {
  /** A binary message has arrived; the memory is the owner's. */
  channelMessage(message: Uint8Array): void;
  /** The channel is closed; `error` has the cause, unless it ended regularly. Called once. */
  channelClosed(error: Error | undefined): void;
}

/** An open WebSocket. */
export interface Channel {
  /** Starts to deliver. */
  start(handler: ChannelHandler): void;
  /** Sends a message; its memory must not change afterwards. */
  send(message: Uint8Array): void;
  /** Calls back once little enough waits to be sent; with an error if the channel is closed. */
  whenDrained(done: (error?: Error) => void): void;
  /** Pauses and resumes delivery. */
  pause(): void;
  resume(): void;
  /** Closes once everything has been sent. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}
