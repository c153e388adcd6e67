/**
 * Example: majordomo. A worker (RFC 7): offers one service at a broker, and
 * keeps on offering it whatever happens to the broker.
 *
 * While the function is at work the heartbeats go on, so work may take long
 * without the worker being given up.
 *
 * @module
 */
import { zmq } from "@agentzero/agentzero";
import { pause } from "../support/scene.ts";
import {
  HEARTBEAT_MS,
  LIVENESS,
  parse,
  workerFrames,
  type WorkerMessage,
} from "./protocol.ts";

/** How long to wait before a new conversation, in milliseconds. */
const RECONNECT_MS = 200;
/** How long a reply that was given may take to leave, in milliseconds. */
const LINGER_MS = 1000;

/** Answers a request: its frames, without any envelope. */
export type WorkerFunction = (
  body: zmq.Message,
  /** Aborted when nobody waits for the reply any more. */
  signal: AbortSignal,
) => readonly zmq.MessageLike[] | Promise<readonly zmq.MessageLike[]>;

/** How a worker works. */
export interface WorkerOptions {
  /** How often to give a sign of life, in milliseconds. Default 1,000. */
  readonly heartbeatMs?: number;
  /** Told what the function has thrown. Default: `console.error`. */
  readonly onError?: (error: unknown) => void;
}

/** A worker. */
export class MajordomoWorker {
  readonly #address: string;
  readonly #service: string;
  readonly #work: WorkerFunction;
  readonly #heartbeatMs: number;
  readonly #onError: (error: unknown) => void;

  /** Creates a worker; `run` sets it to work. */
  constructor(
    address: string,
    service: string,
    work: WorkerFunction,
    options: WorkerOptions = {},
  ) {
    this.#address = address;
    this.#service = service;
    this.#work = work;
    this.#heartbeatMs = options.heartbeatMs ?? HEARTBEAT_MS;
    this.#onError = options.onError ?? console.error;
  }

  /** Works until the signal is aborted; a request at work is answered still. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#converse(signal);
      await pause(RECONNECT_MS, signal);
    }
  }

  /** One conversation with one broker, on one socket. */
  async #converse(stop: AbortSignal): Promise<void> {
    const end = new AbortController();
    const onStop = () => end.abort();
    stop.addEventListener("abort", onStop);
    if (stop.aborted) onStop();
    await using socket = new zmq.Dealer({ linger: 0 });
    const tell = (message: WorkerMessage) =>
      void socket.trySend(workerFrames(message));
    socket.connect(this.#address);
    tell({ command: "ready", service: this.#service });
    const heartbeats = setInterval(
      () => tell({ command: "heartbeat" }),
      this.#heartbeatMs,
    );
    const timeout = this.#heartbeatMs * LIVENESS;
    /** The broker waits for nothing: it has gone, or has sent us away. */
    const left = new AbortController();
    let isWorkDone: Promise<void> | undefined;
    try {
      while (!end.signal.aborted) {
        const frames = await socket.receive({ timeout, signal: end.signal });
        const incoming = parse(frames);
        if (incoming?.from !== "worker") continue;
        const { message } = incoming;
        if (message.command === "disconnect") return left.abort();
        if (message.command !== "request") continue;
        const { client } = message;
        const request = message.body as zmq.Message;
        isWorkDone = this.#answer(request, left.signal).then((body) => {
          if (left.signal.aborted) return;
          if (body) tell({ command: "reply", client, body });
          else end.abort(); // the broker shall give it to another worker
        });
      }
    } catch (error: unknown) {
      if (end.signal.aborted) return; // the end is orderly
      left.abort();
      if ((error as zmq.ZmqError).code !== "EAGAIN") throw error;
    } finally {
      // One request at a time: what is at work comes to its end first.
      await isWorkDone;
      clearInterval(heartbeats);
      stop.removeEventListener("abort", onStop);
      if (!left.signal.aborted) {
        tell({ command: "disconnect" });
        socket.linger = LINGER_MS;
      }
    }
  }

  async #answer(
    request: zmq.Message,
    signal: AbortSignal,
  ): Promise<readonly zmq.MessageLike[] | undefined> {
    try {
      return await this.#work(request, signal);
    } catch (error: unknown) {
      this.#onError(error);
      return undefined;
    }
  }
}
