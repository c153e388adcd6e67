/**
 * Layer: transport. A wire over a WebSocket that a browser or a runtime
 * speaks.
 *
 * @module
 */
import type { Wire, WireHandler } from "../wire.ts";
import { Dialect } from "../ws/dialect.ts";
import { OtherDialectError } from "../ws/errors.ts";
import type { DialectName, Subprotocol } from "../ws/subprotocol.ts";
import type { Channel, ChannelHandler } from "./channel.ts";
import { IncomingMessages, OutgoingMessages } from "./zws_messages.ts";

/** How long to wait for the peer's end after ours. */
const END_TIMEOUT_MS = 500;

/** What a wire of messages is made with. */
export interface MessageWireSettings {
  /** Whether the peer connected to us. */
  readonly isServer: boolean;
  readonly subprotocol: Subprotocol;
  /** The server speaks another dialect. */
  readonly onOtherDialect?: (dialect: DialectName) => void;
  /** The address of the peer. */
  readonly remoteAddress: string;
}

/** A wire that carries the frames of ZeroMQ as messages of a channel. */
export class MessageWire implements Wire, ChannelHandler {
  readonly remoteAddress: string;
  readonly #channel: Channel;
  readonly #settings: MessageWireSettings;
  readonly #incoming: IncomingMessages;
  readonly #outgoing: OutgoingMessages;
  #handler: WireHandler | undefined;
  #endTimer: ReturnType<typeof setTimeout> | undefined;
  #failure: Error | undefined;

  constructor(channel: Channel, settings: MessageWireSettings) {
    this.#channel = channel;
    this.#settings = settings;
    this.remoteAddress = settings.remoteAddress;
    const dialect = new Dialect(settings.subprotocol, settings.isServer);
    this.#incoming = new IncomingMessages(dialect);
    this.#outgoing = new OutgoingMessages(dialect);
  }

  start(handler: WireHandler): void {
    this.#handler = handler;
    queueMicrotask(() => {
      this.#deliver();
      this.#channel.start(this);
    });
  }

  write(
    chunks: readonly Uint8Array[],
    done: (error?: Error | null) => void,
    progressed?: (size: number) => void,
  ): void {
    for (const message of this.#outgoing.translate(chunks)) {
      this.#channel.send(message);
    }
    if (this.#incoming.isReady) queueMicrotask(() => this.#deliver());
    this.#channel.whenDrained((error) => {
      if (error === undefined) {
        progressed?.(
          chunks.reduce((sum, { byteLength }) => sum + byteLength, 0),
        );
      }
      done(error);
    });
  }

  pause(): void {
    this.#channel.pause();
  }

  resume(): void {
    this.#channel.resume();
  }

  end(): void {
    this.#channel.resume(); // to learn of the peer's end
    this.#channel.end();
    this.#endTimer ??= setTimeout(
      () => this.#channel.destroy(),
      END_TIMEOUT_MS,
    );
  }

  destroy(): void {
    this.#channel.destroy();
  }

  // Called by the channel.

  channelMessage(message: Uint8Array): void {
    try {
      this.#incoming.add(message);
      this.#deliver();
    } catch (error) {
      if (error instanceof OtherDialectError) {
        this.#settings.onOtherDialect?.(error.dialect);
      }
      this.#failure ??= error as Error;
      this.#channel.destroy();
    }
  }

  channelClosed(error: Error | undefined): void {
    clearTimeout(this.#endTimer);
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.wireClosed(this.#failure ?? error);
  }

  #deliver(): void {
    for (const part of this.#incoming.take()) this.#handler?.wireData(part);
  }
}
