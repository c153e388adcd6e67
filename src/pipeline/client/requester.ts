/**
 * Layer: pipeline/client. Requests to a pipeline over one DEALER, any number at
 * a time. Each is sent again until it is answered or its time is over: what a
 * pipeline that restarts has lost is asked anew, and since every submission has
 * an id, asking twice does no harm.
 *
 * @module
 */
import type { SocketManager } from "../../manager/mod.ts";
import { DEALER } from "../../zmq/mod.ts";
import { PipelineError, type PipelineErrorCode } from "../model/errors.ts";
import { encodeJson } from "../wire/json.ts";
import { readObject } from "../wire/reader.ts";

/** How long an answer is waited for before the request is sent again, in milliseconds. */
const PATIENCE_MS = 2000;

/** How long to wait. */
export interface CallOptions {
  /** In milliseconds. Default: as long as it takes. */
  readonly timeoutMs?: number;
  /** Gives up when aborted; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** An answer, without its status. */
export type Answer = Readonly<Record<string, unknown>>;

interface Call {
  readonly bytes: Uint8Array;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
  readonly again: ReturnType<typeof setInterval>;
  readonly end: () => void;
}

/** Asks one pipeline. */
export class Requester {
  readonly #sockets: SocketManager;
  readonly #calls: Map<number, Call> = new Map();
  #lastId = 0;
  #isOpen = false;

  constructor(sockets: SocketManager) {
    this.#sockets = sockets;
  }

  /** Connects; the pipeline need not be there yet. */
  async open(address: string, options: object): Promise<void> {
    const socket = this.#sockets.create("requests", DEALER, {
      ...options,
      linger: 0,
    });
    // A pipeline that was restarted knows nothing of what it was asked.
    socket.events.on("handshake", () => this.#askAgain());
    await this.#sockets.connect("requests", address);
    this.#isOpen = true;
    void this.#listen();
  }

  /**
   * Asks, and waits for the answer.
   *
   * @param answerMs How long the pipeline itself may take.
   * @throws {PipelineError} What the pipeline said, or `ERR_PIPELINE_TIMEOUT`.
   */
  ask(
    request: object,
    { timeoutMs, signal }: CallOptions,
    answerMs = 0,
  ): Promise<Answer> {
    if (!this.#isOpen) return Promise.reject(closed());
    if (signal?.aborted) return Promise.reject(signal.reason);
    const id = ++this.#lastId;
    const bytes = encodeJson({ ...request, request_id: id });
    return new Promise((resolve, reject) => {
      const again = setInterval(
        () => this.#send(bytes),
        PATIENCE_MS + answerMs,
      );
      const abort = () => this.#settle(id)?.reject(signal!.reason);
      const timer = timeoutMs === undefined ? undefined : setTimeout(
        () => this.#settle(id)?.reject(tooLate(timeoutMs)),
        timeoutMs,
      );
      signal?.addEventListener("abort", abort);
      const end = () => {
        clearInterval(again);
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
      };
      this.#calls.set(id, { bytes, resolve, reject, again, end });
      this.#send(bytes);
    });
  }

  /** Lets every call fail. */
  close(): void {
    this.#isOpen = false;
    for (const id of [...this.#calls.keys()]) {
      this.#settle(id)?.reject(closed());
    }
  }

  #askAgain(): void {
    for (const { bytes } of this.#calls.values()) this.#send(bytes);
  }

  #send(bytes: Uint8Array): void {
    // If there is no room now, the next turn of `again` tries it.
    this.#sockets.getByName("requests", DEALER).trySend([null, bytes]);
  }

  #settle(id: number): Call | undefined {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    call?.end();
    return call;
  }

  async #listen(): Promise<void> {
    for await (const frames of this.#sockets.getByName("requests", DEALER)) {
      const { status, code, message, request_id: id, ...answer } = readObject(
        frames.at(-1)!,
      );
      const call = this.#settle(Number(id));
      if (status === 200) call?.resolve(answer);
      else {
        call?.reject(
          new PipelineError(code as PipelineErrorCode, String(message)),
        );
      }
    }
  }
}

function closed(): PipelineError {
  return new PipelineError("ERR_PIPELINE_CLOSED", "The client is closed");
}

function tooLate(timeoutMs: number): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_TIMEOUT",
    `The pipeline did not answer within ${timeoutMs} ms`,
  );
}
