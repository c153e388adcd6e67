/**
 * Example: majordomo. A worker (RFC 7): offers one service at a broker, and
 * registers again whatever happens to the broker.
 *
 * Heartbeats continue while the function runs, so a long-running request does
 * not make the broker give up the worker.
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

/** How long to wait before registering again, in milliseconds. */
const RECONNECT_MS = 200;
/** How long to wait until the last reply is sent, in milliseconds. */
const LINGER_MS = 1000;

/** Returns the reply to a request; both are frames without an envelope. */
export type WorkerFunction = (
  body: zmq.Message,
  /** Aborted when the reply is not needed any more. */
  signal: AbortSignal,
) => readonly zmq.MessageLike[] | Promise<readonly zmq.MessageLike[]>;

/** The options of a worker. */
export interface WorkerOptions {
  /** The heartbeat interval, in milliseconds. Default 1,000. */
  readonly heartbeatMs?: number;
  /** Called with errors that the function throws. Default: `console.error`. */
  readonly onError?: (error: unknown) => void;
}

/** A worker. */
export class MajordomoWorker {
  readonly #address: string;
  readonly #service: string;
  readonly #work: WorkerFunction;
  readonly #heartbeatMs: number;
  readonly #onError: (error: unknown) => void;

  /** Creates a worker; `run` starts it. */
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

  /** Works until the signal is aborted; a request that is being processed is still answered. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#serve(signal);
      await pause(RECONNECT_MS, signal);
    }
  }

  /** Serves one broker, on one socket, until it is lost. */
  async #serve(stop: AbortSignal): Promise<void> {
    const end = new AbortController();
    const onStop = () => end.abort();
    stop.addEventListener("abort", onStop);
    if (stop.aborted) onStop();
    await using socket = new zmq.Dealer({ linger: 0 });
    const send = (message: WorkerMessage) =>
      void socket.trySend(workerFrames(message));
    socket.connect(this.#address);
    send({ command: "ready", service: this.#service });
    const heartbeats = setInterval(
      () => send({ command: "heartbeat" }),
      this.#heartbeatMs,
    );
    const timeout = this.#heartbeatMs * LIVENESS;
    /** Aborted when the broker does not expect a reply: it is gone, or has disconnected us. */
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
          if (body) send({ command: "reply", client, body });
          else end.abort(); // the broker then gives it to another worker
        });
      }
    } catch (error: unknown) {
      if (end.signal.aborted) return; // a clean end
      left.abort();
      if ((error as zmq.ZmqError).code !== "EAGAIN") throw error;
    } finally {
      // One request at a time: finish the current one first.
      await isWorkDone;
      clearInterval(heartbeats);
      stop.removeEventListener("abort", onStop);
      if (!left.signal.aborted) {
        send({ command: "disconnect" });
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
