/**
 * Layer: pipeline/worker, heartbeat. Signs of life of a worker that go on while a
 * handler blocks its event loop, so that the pipeline can distinguish that from a
 * machine that is gone. A thread sends them, over a connection of their own. ZMTP is spoken
 * here, and the thread gets a supply of heartbeats as bytes, encrypted ones with
 * CURVE. So it need not load this library.
 *
 * @module
 */
import { concat, EMPTY } from "../../../zmq/bytes.ts";
import { splitTcp } from "../../../zmq/endpoint.ts";
import { DEALER } from "../../../zmq/mod.ts";
import { Connection } from "../../../zmq/zmtp/connection.ts";
import type { Security } from "../../../zmq/zmtp/mechanism/security.ts";
import { messageOf } from "../../model/foreign.ts";
import { PipelineError } from "../../model/pipeline_error.ts";
import { HeartbeatThread } from "./heartbeat_thread.ts";

/** How many heartbeats the thread gets at a time. */
const SUPPLY = 120;
/** The pause before a lost connection is re-established, in milliseconds. */
const RECONNECT_MS = 1000;

/** What heartbeats are made of. */
export interface HeartbeatOptions {
  /** How often they are sent, in milliseconds. */
  readonly intervalMs: number;
  /** How long the worker may be silent before its machine counts as gone, in milliseconds. */
  readonly silenceMs: number;
  /** How the connection is protected. What that needs has been loaded. */
  readonly security: Security;
  /** The message that says how long the worker may be silent; 0 for as long as its lease. */
  readonly message: (silenceMs: number) => Uint8Array;
  /** Called when the thread has ended by itself: there are no heartbeats any more. */
  readonly onFailed: (error: PipelineError) => void;
}

/** Sends the heartbeats of one worker. */
export class Heartbeats {
  readonly #options: HeartbeatOptions;
  #thread: HeartbeatThread | undefined;
  /** The connection in the thread, and what is said over it. */
  #wire: { readonly number: number; readonly zmtp: Connection } | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #state: "usable" | "failed" | "closed" = "usable";

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  /** Sends them there, and no longer to where they were sent. */
  connect(address: string): void {
    this.disconnect();
    const { host, port } = splitTcp(address)?.target ?? {};
    if (this.#state !== "usable" || host === undefined) return;
    const thread = this.#thread ??= HeartbeatThread.acquire();
    const { intervalMs, security } = this.#options;
    const zmtp = new Connection({
      type: DEALER,
      routingId: EMPTY,
      maxMessageSize: 0, // a pipeline says nothing here
      security,
    });
    const number = thread.connect({
      ...{ host, port: Number(port) },
      ...{ intervalMs, fewCount: SUPPLY / 2 },
    }, {
      data: (bytes) => this.#read(bytes, address),
      few: () => this.#supply(),
      closed: () => this.#connectLater(address),
      failed: (cause) => this.#fail(cause),
    });
    this.#wire = { number, zmtp };
    thread.write(number, takeOutput(zmtp));
  }

  /** Sends no more. */
  disconnect(): void {
    clearTimeout(this.#retry);
    if (this.#wire !== undefined) this.#thread!.disconnect(this.#wire.number);
    this.#wire = undefined;
  }

  /** Sends no more, for good. */
  async close(): Promise<void> {
    this.disconnect();
    this.#state = "closed";
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.release();
  }

  #read(bytes: Uint8Array, address: string): void {
    const { number, zmtp } = this.#wire!;
    const wasOpen = zmtp.isOpen;
    try {
      zmtp.rest();
      zmtp.receive(bytes);
      while (zmtp.next() !== undefined);
    } catch {
      return this.#connectLater(address); // the connection for jobs says what is wrong
    }
    const output = takeOutput(zmtp);
    // An answer to a PING would come out of turn, before the supply that is encrypted already.
    if (wasOpen) return;
    this.#thread!.write(number, output);
    if (zmtp.isOpen) this.#supply();
  }

  /** Gives the thread heartbeats, in place of those that it has. */
  #supply(): void {
    const { number, zmtp } = this.#wire!;
    const { message, silenceMs } = this.#options;
    const heartbeats = Array.from({ length: SUPPLY }, (_, n) => {
      // The last one, after which none would follow, lets the lease count again.
      zmtp.send([message(n < SUPPLY - 1 ? silenceMs : 0)]);
      return takeOutput(zmtp);
    });
    this.#thread!.supply(number, heartbeats);
  }

  #connectLater(address: string): void {
    this.disconnect();
    this.#retry = setTimeout(() => this.connect(address), RECONNECT_MS);
  }

  #fail(cause: unknown): void {
    this.disconnect();
    this.#state = "failed";
    this.#options.onFailed(
      new PipelineError(
        "ERR_PIPELINE_THREAD",
        `The thread that sends heartbeats has ended: ${messageOf(cause)}`,
        { cause },
      ),
    );
  }
}

/** What a connection has encoded, in memory of its own. */
function takeOutput(zmtp: Connection): Uint8Array {
  const bytes = concat(zmtp.takeOutput());
  zmtp.outputWritten();
  return bytes;
}
