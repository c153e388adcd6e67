/**
 * Layer: transport. A wire over a WebSocket: it wraps a wire of bytes, and runs
 * the upgrade, the frames of WebSocket, and the translation of `zws.ts` on it.
 *
 *     upgrading ──▶ open ──our Close, or the peer's──▶ closing ──▶ closed
 *         └──────────────────the wire is closed──────────────────────▶
 *
 * @module
 */
import { nextLoopTick } from "../../../async/event_loop.ts";
import { concat, decodeText, EMPTY } from "../../bytes.ts";
import { ZmqError } from "../../errors.ts";
import { excerpt } from "../../escape.ts";
import type { Wire, WireHandler } from "../wire.ts";
import { ControlFrames } from "./control_frames.ts";
import {
  CLOSE,
  FrameReader,
  type FrameSink,
  NORMAL_CLOSURE,
  PING,
} from "./frames.ts";
import { OtherDialectError, WebSocketError } from "./errors.ts";
import { Keepalive } from "./keepalive.ts";
import type { DialectName } from "./subprotocol.ts";
import type { Upgrade, UpgradeResult } from "./upgrade.ts";
import { ZwsTranslator } from "./zws.ts";

/** What a wire over a WebSocket is made with. */
export interface WsWireSettings {
  /** Whether the peer connected to us. */
  readonly isServer: boolean;
  readonly upgrade: Upgrade;
  /** The server speaks another dialect. */
  readonly onOtherDialect?: (dialect: DialectName) => void;
  /** The address of the peer. */
  readonly remoteAddress: string;
}

/** The parts of an open WebSocket. */
interface Channel {
  readonly translator: ZwsTranslator;
  readonly reader: FrameReader;
  readonly keepalive: Keepalive;
}

/** A wire over a WebSocket. */
export class WsWire implements Wire, WireHandler {
  readonly remoteAddress: string;
  readonly #inner: Wire;
  readonly #settings: WsWireSettings;
  #state: "upgrading" | "open" | "closing" | "closed" = "upgrading";
  #handler: WireHandler | undefined;
  /** Set once the upgrade is done. */
  #channel: Channel | undefined;
  /** Called with the result of the upgrade. */
  #upgraded: ((error: Error | undefined) => void) | undefined;
  readonly #controls: ControlFrames;
  /** What has arrived, but before `start`, or beyond the peer's share of this tick. */
  #unread: Uint8Array = EMPTY;
  /** Whether the session holds back the peer. */
  #isPaused = false;
  /** Why the connection ends. */
  #failure: Error | undefined;

  constructor(inner: Wire, settings: WsWireSettings) {
    this.#inner = inner;
    this.#settings = settings;
    this.#controls = new ControlFrames(inner, !settings.isServer);
    this.remoteAddress = settings.remoteAddress;
  }

  /**
   * Runs the upgrade, before `start`.
   *
   * @param signal Cancels it; the promise then rejects with its reason.
   */
  open(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => this.#fail(signal.reason);
      this.#upgraded = (error) => {
        this.#upgraded = undefined;
        signal.removeEventListener("abort", onAbort);
        if (error === undefined) resolve();
        else reject(error);
      };
      if (signal.aborted) return onAbort();
      signal.addEventListener("abort", onAbort);
      this.#inner.start(this);
      const { request } = this.#settings.upgrade;
      if (request.byteLength > 0) this.#inner.write([request], () => {});
      else this.wireData(EMPTY); // the client's request may be there already
    });
  }

  start(handler: WireHandler): void {
    this.#handler = handler;
    queueMicrotask(() => {
      if (this.#state === "closed") return handler.wireClosed(this.#failure);
      this.#readOn();
    });
  }

  write(
    chunks: readonly Uint8Array[],
    done: (error?: Error | null) => void,
    progressed?: (size: number) => void,
  ): void {
    const { translator } = this.#channel!;
    const parts = translator.translate(chunks);
    if (translator.hasGreeting) queueMicrotask(() => this.#deliver());
    if (parts.length === 0) return queueMicrotask(done);
    this.#controls.beginMessage();
    this.#inner.write(parts, (error) => {
      this.#channel!.keepalive.alive();
      this.#controls.endMessage(error);
      done(error);
    }, progressed && this.#watched(progressed));
  }

  pause(): void {
    this.#isPaused = true;
    if (this.#channel !== undefined) this.#channel.keepalive.isPaused = true;
    this.#inner.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#channel !== undefined) this.#channel.keepalive.isPaused = false;
    if (this.#unread.byteLength === 0) this.#inner.resume();
  }

  end(mustArrive: boolean): void {
    this.#channel?.keepalive.stop();
    if (this.#state === "open") {
      this.#state = "closing";
      this.#controls.close(NORMAL_CLOSURE);
    }
    this.#inner.end(mustArrive);
  }

  destroy(): void {
    this.#channel?.keepalive.stop();
    this.#inner.destroy();
  }

  // Called by the wire of bytes.

  wireData(chunk: Uint8Array): void {
    if (this.#state === "open") {
      this.#channel!.keepalive.alive();
      if (this.#handler !== undefined) return this.#read(chunk);
      this.#unread = concat([this.#unread, chunk]);
      return;
    }
    if (this.#state !== "upgrading") return;
    try {
      const result = this.#settings.upgrade.receive(chunk);
      if (result !== undefined) this.#endUpgrade(result);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  wireClosed(error: Error | undefined): void {
    const isRead = this.#handler !== undefined;
    while (isRead && this.#state === "open" && this.#unread.byteLength > 0) {
      this.#readOn(); // what has arrived reaches the session
    }
    this.#state = "closed";
    this.#channel?.keepalive.stop();
    this.#failure ??= error;
    const message = "The peer closed the connection during the upgrade";
    this.#upgraded?.(this.#failure ?? new ZmqError("ECONNRESET", message));
    this.#handler?.wireClosed(this.#failure);
  }

  #watched(progressed: (size: number) => void): (size: number) => void {
    return (size) => {
      this.#channel!.keepalive.alive();
      progressed(size);
    };
  }

  /** The upgrade cannot be completed. */
  #fail(error: Error): void {
    this.#failure = error;
    this.#upgraded?.(error);
    this.#inner.destroy();
  }

  #endUpgrade({ answer, agreed, error, rest }: UpgradeResult): void {
    if (answer.byteLength > 0) this.#inner.write([answer], () => {});
    if (agreed === undefined) {
      this.#state = "closing";
      this.#failure = error;
      this.#inner.end(true);
      return this.#upgraded?.(error!);
    }
    this.#state = "open";
    this.#channel = this.#channelOf(agreed);
    this.#unread = rest;
    this.#inner.pause();
    this.#upgraded?.(undefined);
  }

  #channelOf(
    { subprotocol, options }: NonNullable<UpgradeResult["agreed"]>,
  ): Channel {
    const { isServer } = this.#settings;
    const translator = new ZwsTranslator(
      subprotocol,
      isServer,
      options.maxMessageSize,
    );
    const keepalive = new Keepalive(options, {
      ping: () => this.#controls.ping(),
      silent: (silentMs) => {
        const message = `The peer was silent for ${silentMs} ms`;
        this.#failure = new ZmqError("ETIMEDOUT", message);
        this.#inner.destroy();
      },
    });
    const reader = new FrameReader(isServer, this.#sinkOf(translator));
    return { translator, reader, keepalive };
  }

  /** Where messages go to the translator, and control frames come here. */
  #sinkOf(translator: ZwsTranslator): FrameSink {
    return {
      begin: (size) => translator.begin(size),
      data: (bytes, start, end) => translator.data(bytes, start, end),
      end: () => translator.end(),
      control: (opcode, payload) => this.#control(opcode, payload),
      get fragmentLimit() {
        return translator.fragmentLimit;
      },
    };
  }

  /** Reads the peer's share of this tick; the rest waits for the next one, and the wire is paused. */
  #read(chunk: Uint8Array): void {
    if (this.#unread.byteLength > 0) {
      this.#unread = concat([this.#unread, chunk]);
      return;
    }
    this.#readShare(chunk);
    if (this.#unread.byteLength === 0) return;
    this.#inner.pause();
    nextLoopTick(() => this.#readOn());
  }

  #readOn(): void {
    if (this.#state !== "open") return;
    const unread = this.#unread;
    this.#unread = EMPTY;
    this.#channel!.reader.rest();
    this.#read(unread);
    const isDone = this.#unread.byteLength === 0;
    if (isDone && !this.#isPaused) this.#inner.resume();
  }

  #readShare(chunk: Uint8Array): void {
    try {
      this.#unread = chunk.subarray(this.#channel!.reader.push(chunk));
    } catch (error) {
      this.#deliver();
      if (this.#state !== "open") return;
      if (error instanceof OtherDialectError) {
        this.#settings.onOtherDialect?.(error.dialect);
      }
      const code = error instanceof WebSocketError ? error.closeCode : 1011;
      return this.#close(code, error as Error);
    }
    this.#deliver();
  }

  #deliver(): void {
    if (this.#state === "closed") return;
    for (const part of this.#channel!.translator.take()) {
      this.#handler?.wireData(part);
    }
  }

  #control(opcode: number, payload: Uint8Array): void {
    if (this.#state !== "open") return;
    if (opcode === PING) this.#controls.pong(payload);
    else if (opcode === CLOSE) this.#peerCloses(payload);
  }

  #peerCloses(payload: Uint8Array): void {
    const code = payload.byteLength < 2
      ? NORMAL_CLOSURE
      : (payload[0]! << 8) | payload[1]!;
    const isRegular = REGULAR_CODES.has(code);
    const reason = excerpt(decodeText(payload.subarray(2)));
    this.#close(
      code,
      isRegular ? undefined : new ZmqError(
        "ECONNRESET",
        `The peer closed the WebSocket with the code ${code}${
          reason === "" ? "" : `: ${reason}`
        }`,
      ),
    );
  }

  /** Sends a Close frame, reads nothing more, and waits for the peer's end for a limited time. */
  #close(code: number, failure: Error | undefined): void {
    this.#failure = failure;
    this.#channel?.keepalive.stop();
    this.#controls.close(code);
    this.#state = "closing";
    this.#inner.end(false);
  }
}

/** The codes with which a connection ends without an error: regular, going away. */
const REGULAR_CODES: ReadonlySet<number> = new Set([NORMAL_CLOSURE, 1001]);
