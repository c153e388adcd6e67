/**
 * Layer: pipeline/client. Requests to a pipeline over one DEALER, any number at
 * a time. Each is sent again until it is answered or times out, since a pipeline
 * that restarts loses requests; every submission has an id, so sending it twice
 * is harmless.
 *
 * @module
 */
import type { SocketManager } from "../../manager/mod.ts";
import { PendingCall } from "../../async/pending_call.ts";
import { DEALER, type Dealer } from "../../zmq/mod.ts";
import { maxMessageBytes, MESSAGE_ROOM_BYTES } from "../model/bounds.ts";
import {
  PipelineError,
  type PipelineErrorCode,
} from "../model/pipeline_error.ts";
import { ConnectionProblem } from "../protocol/connection_problem.ts";
import { consume } from "../protocol/consume.ts";
import { encodeJson, spliceJson } from "../protocol/json.ts";
import { natural, optional, readObject } from "../protocol/reader.ts";
import { connectTo } from "../protocol/connect_to.ts";

/** How long to wait for an answer before the request is sent again, in milliseconds. */
const PATIENCE_MS = 2000;
/** How often requests are checked for being sent again, in milliseconds. */
const LOOK_MS = 200;

/** How long to wait. */
export interface CallOptions {
  /** In milliseconds. Default: as long as it takes. */
  readonly timeoutMs?: number;
  /** Gives up when aborted; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** An answer. */
export type Answer = Readonly<Record<string, unknown>>;

/** What else there is to a request. */
export interface RequestExtras {
  /** How long the pipeline may hold back the answer, in milliseconds. Default 0. */
  readonly answerMs?: number;
  /** The JSON text of its payload, which is not parsed and encoded again. */
  readonly payload?: string;
  /** The JSON text of its list of submissions. */
  readonly submissions?: string;
}

const NO_EXTRAS: RequestExtras = {};

interface Call {
  readonly bytes: Uint8Array;
  readonly pending: PendingCall<Answer>;
  readonly patienceMs: number;
  /** When it is sent again, on the clock of `performance.now()`. */
  againAt: number;
}

/** Sends requests to one pipeline. */
export class RequestDealer {
  readonly #calls: Map<number, Call> = new Map();
  #socket: Dealer | undefined;
  #problem: ConnectionProblem | undefined;
  #look: ReturnType<typeof setInterval> | undefined;
  #lastId = 0;

  /** Connects; the pipeline need not be there yet. @param address Where it takes requests. */
  async open(
    sockets: SocketManager,
    address: string,
    options: object,
  ): Promise<void> {
    const socket = sockets.create("requests", DEALER, {
      ...options,
      linger: 0,
      immediate: true, // a lost request is sent again
      sendHighWaterMark: 0, // bounded by the number of calls
      receiveHighWaterMark: 0,
    });
    // A restarted pipeline has lost all requests. The pipe is attached right
    // after the event.
    socket.events.on("handshake", () => queueMicrotask(() => this.#askAll()));
    this.#problem = new ConnectionProblem(
      socket,
      address,
      (error) => this.#failAll(error),
    );
    await connectTo(sockets, "requests", address);
    this.#socket = socket;
    const onStopped = (cause?: unknown) => {
      if (this.#socket === socket) this.#failAll(stopped(cause));
    };
    consume(socket, (message) => this.#receive(message.at(-1)!))
      .then(() => onStopped(), onStopped);
  }

  /**
   * Sends a request, and waits for the answer.
   *
   * @param request A new object: it gets its `request_id`.
   * @returns The answer, with its status and `request_id`.
   * @throws {PipelineError} The error of the pipeline, `ERR_PIPELINE_TIMEOUT`,
   *   `ERR_PIPELINE_REFUSED`, `ERR_PIPELINE_CLOSED`.
   */
  ask(
    request: Record<string, unknown>,
    call: CallOptions,
    extras: RequestExtras = NO_EXTRAS,
  ): Promise<Answer> {
    const { answerMs = 0 } = extras;
    const id = ++this.#lastId;
    request.request_id = id;
    const bytes = encode(request, extras);
    return bytes.byteLength <= MESSAGE_ROOM_BYTES
      ? this.#ask(id, bytes, call, answerMs)
      : this.#askLarge(id, bytes, call, answerMs);
  }

  async #askLarge(
    id: number,
    bytes: Uint8Array,
    { timeoutMs, signal }: CallOptions,
    answerMs: number,
  ): Promise<Answer> {
    const beganAt = performance.now();
    await this.#requireRoom(bytes.byteLength, { timeoutMs, signal });
    const leftMs = timeoutMs === undefined
      ? undefined
      : Math.max(0, timeoutMs - (performance.now() - beganAt));
    return await this.#ask(id, bytes, { timeoutMs: leftMs, signal }, answerMs);
  }

  /**
   * Checks that the pipeline accepts a message of this size: otherwise it would
   * end the connection, and with it all other requests.
   *
   * @throws {PipelineError} `ERR_PIPELINE_TOO_LARGE`.
   */
  async #requireRoom(sizeBytes: number, call: CallOptions): Promise<void> {
    const answer = await this.ask({ type: "describe" }, call);
    const most = optional(answer, "max_payload_bytes", natural);
    if (most === undefined || sizeBytes <= maxMessageBytes(most)) return;
    throw new PipelineError(
      "ERR_PIPELINE_TOO_LARGE",
      `The request has ${sizeBytes} bytes, and the pipeline takes ${
        maxMessageBytes(most)
      } at most, with ${most} bytes of JSON for the payload (maxPayloadBytes)`,
    );
  }

  #ask(
    id: number,
    bytes: Uint8Array,
    { timeoutMs, signal }: CallOptions,
    answerMs: number,
  ): Promise<Answer> {
    const socket = this.#socket;
    if (socket === undefined) return Promise.reject(closed());
    if (signal?.aborted) return Promise.reject(signal.reason);
    const pending = new PendingCall<Answer>({
      timeoutMs: timeoutMs === undefined ? undefined : Math.max(0, timeoutMs),
      onTimeout: (call) => call.reject(tooLate(timeoutMs!, this.#problem)),
      signal,
      onSettled: () => this.#forget(id),
    });
    const patienceMs = PATIENCE_MS + answerMs;
    const againAt = performance.now() + patienceMs;
    this.#calls.set(id, { bytes, pending, patienceMs, againAt });
    this.#look ??= setInterval(() => this.#askAgain(), LOOK_MS);
    send(socket, bytes);
    return pending.promise;
  }

  /** Rejects every call. */
  close(): void {
    this.#socket = undefined;
    this.#failAll(closed());
  }

  #failAll(error: PipelineError): void {
    for (const { pending } of [...this.#calls.values()]) pending.reject(error);
  }

  #askAll(): void {
    if (this.#socket === undefined) return;
    for (const { bytes } of this.#calls.values()) send(this.#socket, bytes);
  }

  #askAgain(): void {
    const now = performance.now();
    for (const call of this.#calls.values()) {
      if (call.againAt > now) continue;
      call.againAt = now + call.patienceMs;
      if (this.#socket !== undefined) send(this.#socket, call.bytes);
    }
  }

  #forget(id: number): void {
    this.#calls.delete(id);
    if (this.#calls.size > 0) return;
    clearInterval(this.#look);
    this.#look = undefined;
  }

  #receive(bytes: Uint8Array): void {
    let fields: Answer;
    try {
      fields = readObject(bytes);
    } catch {
      return; // answers nothing; the request is sent again
    }
    const { status, code, message, request_id: id } = fields;
    // A closing pipeline may be restarted: then the request is sent again.
    if (code === "ERR_PIPELINE_CLOSED") return;
    const call = this.#calls.get(Number(id))?.pending;
    if (status === 200) return call?.resolve(fields);
    call?.reject(
      new PipelineError(code as PipelineErrorCode, String(message)),
    );
  }
}

function encode(
  request: object,
  { payload, submissions }: RequestExtras,
): Uint8Array {
  if (submissions !== undefined) {
    return spliceJson(request, "submissions", submissions);
  }
  // The name that pipelines of every release read. A request that is sent
  // again may reach an older pipeline than the first time.
  if (payload !== undefined) {
    return spliceJson(request, "instructions", payload);
  }
  return encodeJson(request);
}

/** Sends, if that is possible now; otherwise the next check sends it. */
function send(socket: Dealer, bytes: Uint8Array): void {
  if (!socket.closed) socket.trySend([null, bytes]);
}

function closed(): PipelineError {
  return new PipelineError("ERR_PIPELINE_CLOSED", "The client is closed");
}

function stopped(cause: unknown): PipelineError {
  const text = "The client stopped receiving from the pipeline";
  return new PipelineError("ERR_PIPELINE_STOPPED", text, { cause });
}

function tooLate(
  timeoutMs: number,
  problem: ConnectionProblem | undefined,
): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_TIMEOUT",
    `The pipeline did not answer within ${timeoutMs} ms${problem?.text ?? ""}`,
  );
}
