/**
 * Layer: pipeline/protocol. Requests to a pipeline over one DEALER, any number at
 * a time. Each is sent again until it is answered or times out, since a pipeline
 * that restarts loses requests; every submission has an id, so sending it twice
 * is harmless. When another process has come to lead the pipeline, all that is
 * unanswered is sent to that one.
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
import { ConnectionProblem } from "./connection_problem.ts";
import { consume } from "./consume.ts";
import { encodeJson, spliceJson } from "./json.ts";
import { natural, optional, readObject } from "./reader.ts";
import { connectTo } from "./connect_to.ts";
import { describeRequest } from "./describe.ts";
import { LeaderFinder } from "./leader_finder.ts";

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
  /** The shard that has all of these; of a pipeline with shards. */
  readonly shard?: number | undefined;
}

const NO_EXTRAS: RequestExtras = {};

interface Call {
  readonly bytes: Uint8Array;
  readonly pending: PendingCall<Answer>;
  /** After how many looks without an answer it is sent again. */
  readonly patience: number;
  /** How many of these are left. To count them takes no clock, which took 17 to 160 ns of each request. */
  looksLeft: number;
}

/** How a pipeline is reached. */
export interface DealerOptions {
  readonly sockets: SocketManager;
  /** The name of the socket. Default: `requests`. */
  readonly name?: string;
  /** Where the pipeline may take requests. With none, `found` says it. */
  readonly addresses: readonly string[];
  /** The addresses, for messages. Default: these. */
  readonly shown?: string;
  /** The options of the socket. */
  readonly socketOptions: object;
}

/** Sends requests to one pipeline. */
export class RequestDealer {
  readonly #calls: Map<number, Call> = new Map();
  #socket: Dealer | undefined;
  #finder: LeaderFinder | undefined;
  /** With several addresses, the one that it is connected to. */
  #at: string | undefined;
  /** Moves from one leader to the next are made one after the other. */
  #moved: Promise<void> = Promise.resolve();
  #problem: ConnectionProblem | undefined;
  #look: ReturnType<typeof setInterval> | undefined;
  #lastId = 0;

  /** Where the pipeline takes requests; `undefined` until that is found. */
  get leader(): string | undefined {
    return this.#finder?.leader;
  }

  /** Another process leads, if its term is higher. */
  found(address: string, term: number): void {
    this.#finder?.found(address, term);
  }

  /** Connects; the pipeline need not be there yet. */
  async open(
    { sockets, name = "requests", addresses, shown, socketOptions }:
      DealerOptions,
  ): Promise<void> {
    const socket = sockets.create(name, DEALER, {
      ...socketOptions,
      linger: 0,
      immediate: true, // a lost request is sent again
      sendHighWaterMark: 0, // bounded by the number of calls
      receiveHighWaterMark: 0,
    });
    // A restarted pipeline has lost all requests. The pipe is attached right
    // after the event.
    socket.events.on("handshake", () => queueMicrotask(() => this.#askAll()));
    const finder = this.#finder = new LeaderFinder({
      sockets,
      addresses,
      socketOptions,
      onRefused: (error) => this.#failAll(error),
      onMoved: (leader) => this.#move(sockets, name, leader),
    });
    socket.events.on("disconnect", () => finder.lost());
    this.#socket = socket;
    this.#problem = new ConnectionProblem(
      socket,
      shown ?? addresses.join(", "),
      (error) => this.#failAll(error),
    );
    if (finder.leader === undefined) finder.open();
    else await connectTo(sockets, name, finder.leader);
    const onStopped = (cause?: unknown) => {
      if (this.#socket === socket) this.#failAll(stopped(cause));
    };
    consume(socket, (message) => this.#receive(message.at(-1)!))
      .then(() => onStopped(), onStopped);
  }

  /** Another process leads: what is unanswered is asked there. */
  #move(sockets: SocketManager, name: string, leader: string): void {
    const socket = this.#socket;
    const move = async () => {
      if (this.#at === leader || socket?.closed !== false) return;
      const before = this.#at;
      this.#at = leader;
      if (before !== undefined) await sockets.disconnect(name, before);
      await connectTo(sockets, name, leader);
    };
    this.#moved = this.#moved.then(move).catch(() => {}); // closed meanwhile
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
    const answer = await this.ask({ ...describeRequest() }, call);
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
    const onSettled = () => this.#forget(id);
    const pending = new PendingCall<Answer>(
      timeoutMs === undefined ? { signal, onSettled } : {
        timeoutMs: Math.max(0, timeoutMs),
        onTimeout: (call) => call.reject(tooLate(timeoutMs, this.#problem)),
        signal,
        onSettled,
      },
    );
    // The first look may follow at once.
    const patience = 1 + Math.ceil((PATIENCE_MS + answerMs) / LOOK_MS);
    this.#calls.set(id, { bytes, pending, patience, looksLeft: patience });
    this.#look ??= setInterval(() => this.#askAgain(), LOOK_MS);
    send(socket, bytes);
    return pending.promise;
  }

  /** Rejects every call. */
  close(): void {
    this.#socket = undefined;
    this.#finder?.close();
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
    for (const call of this.#calls.values()) {
      if (--call.looksLeft > 0) continue;
      call.looksLeft = call.patience;
      if (this.#socket !== undefined) send(this.#socket, call.bytes);
    }
  }

  #forget(id: number): void {
    this.#calls.delete(id);
    if (this.#calls.size > 0) return;
    clearInterval(this.#look);
    this.#look = undefined;
  }

  /** Whether another pipeline will answer: one that is restarted, or leads now. */
  #isForAnother({ code, id }: Answer): boolean {
    if (code === "ERR_PIPELINE_CLOSED" || code === "ERR_STORE_FENCED") {
      return true;
    }
    // One that is cut off from its database may be replaced.
    return code === "ERR_STORE_FAILED" && id === undefined &&
      this.#finder?.isOneOfSeveral === true;
  }

  #receive(bytes: Uint8Array): void {
    let fields: Answer;
    try {
      fields = readObject(bytes);
    } catch {
      return; // answers nothing; the request is sent again
    }
    const { status, code, message, request_id: id } = fields;
    if (this.#isForAnother(fields)) return;
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
