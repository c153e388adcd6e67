/**
 * Layer: engine. The client side of ZAP (RFC 27): sends authentication requests
 * to the handler that the application has bound at `inproc://zeromq.zap.01`, a
 * REP or a ROUTER. One pipe to the handler serves all sockets of a context.
 *
 * @module
 */
import { PendingCall } from "../../async/pending_call.ts";
import { decodeText, encodeText } from "../bytes.ts";
import type { ZapErrorCode } from "../errors.ts";
import type { Message } from "../message.ts";
import { defaultOptions } from "../options/check.ts";
import type { Pipe } from "../routing/pipe.ts";
import { DEALER } from "../types.ts";
import type { Credentials, Verdict } from "../zmtp/mechanism/mechanism.ts";
import type { SlabPool } from "../slab_pool.ts";
import { ConnectFailures } from "./connect_failures.ts";
import type { SocketCore } from "./socket_core.ts";
import type { InprocRegistry } from "./inproc.ts";
import type { KeepAlive } from "../../async/keep_alive.ts";
import { Observer } from "./observer.ts";
import type { FlushScheduler } from "./flush_scheduler.ts";

/** Where handlers are bound. */
export const ZAP_ADDRESS = "inproc://zeromq.zap.01";

const VERSION = "1.0";

/**
 * How many requests may be pending, or wait for the handler to read them.
 * Otherwise a handler that does not answer would make us store one for each
 * peer that connects.
 */
const MAX_REQUESTS = 1000;

/** A request to the handler. */
export interface ZapRequest {
  readonly domain: string;
  /** The IP address of the peer. */
  readonly address: string;
  /** The routing id of the socket that authenticates. */
  readonly routingId: Uint8Array;
  readonly credentials: Credentials;
}

/** What a context shares with its ZAP client. */
interface Shared {
  readonly inproc: InprocRegistry;
  readonly scheduler: FlushScheduler;
  readonly slabs: SlabPool;
  readonly keepAlive: KeepAlive;
}

/** Sends requests to the handler of one context. */
export class ZapClient {
  readonly #shared: Shared;
  readonly #waiting: Map<string, (verdict: Verdict) => void> = new Map();
  #pipe: Pipe | undefined;
  #nextId = 1;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  /** Whether there is a handler. */
  get hasHandler(): boolean {
    return this.#shared.inproc.isBound(ZAP_ADDRESS);
  }

  /**
   * Asks the handler. A malformed or missing reply gives status 500; too many
   * pending requests give 300, so the peer tries again later.
   *
   * @param signal Aborted when the reply is not needed any more: the peer has
   *   disconnected.
   */
  ask(request: ZapRequest, signal: AbortSignal): Promise<Verdict> {
    const unread = this.#pipe?.unsent ?? 0;
    if (Math.max(this.#waiting.size, unread) >= MAX_REQUESTS) {
      return Promise.resolve(BUSY);
    }
    if (signal.aborted) return Promise.resolve(FAILED);
    const id = String(this.#nextId++);
    const call = new PendingCall<Verdict>({
      signal,
      onAbort: (call) => call.resolve(FAILED),
      onSettled: () => this.#waiting.delete(id),
    });
    this.#waiting.set(id, (verdict) => call.resolve(verdict));
    const pipe = this.#pipe ??= this.#connect();
    if (!pipe.write(encode(id, request))) call.resolve(FAILED);
    return call.promise;
  }

  #connect(): Pipe {
    const { scheduler, slabs, keepAlive, inproc } = this.#shared;
    const core: SocketCore = {
      type: DEALER,
      options: {
        ...defaultOptions(DEALER),
        receiveHighWaterMark: 0,
        sendHighWaterMark: 0,
      },
      events: new Observer(),
      scheduler,
      slabs,
      keepAlive,
      failures: new ConnectFailures(),
      host: {
        attach: (pipe) => {
          pipe.holder = {
            pipeReadable: () => this.#read(pipe),
            pipeWritable: () => {},
            pipeClosed: () => this.#lost(pipe),
          };
        },
        release: (pipe) => pipe.close(),
        authenticate: () => Promise.resolve(FAILED),
      },
    };
    return inproc.connect(ZAP_ADDRESS, core).ours;
  }

  #read(pipe: Pipe): void {
    for (let m = pipe.read(); m !== undefined; m = pipe.read()) {
      const reply = decode(m);
      if (reply === undefined) continue;
      this.#settle(reply.id || this.#onlyRequestId, reply.verdict);
    }
  }

  /** The id of the pending request, if there is only one: a reply without an id belongs to it. */
  get #onlyRequestId(): string {
    const [only = "", ...others] = this.#waiting.keys();
    return others.length === 0 ? only : "";
  }

  /** The handler is gone, so pending requests fail. */
  #lost(pipe: Pipe): void {
    if (this.#pipe !== pipe) return;
    this.#pipe = undefined;
    pipe.close();
    for (const id of [...this.#waiting.keys()]) this.#settle(id, FAILED);
  }

  #settle(id: string, verdict: Verdict): void {
    this.#waiting.get(id)?.(verdict);
  }
}

const FAILED: Verdict = {
  status: 500,
  text: "The ZAP handler does not answer",
};

const BUSY: Verdict = {
  status: 300,
  text: "The ZAP handler has too many questions to answer",
};

function encode(id: string, request: ZapRequest): Message {
  const { credentials } = request;
  return [
    encodeText(""),
    encodeText(VERSION),
    encodeText(id),
    encodeText(request.domain),
    encodeText(request.address),
    request.routingId,
    encodeText(credentials.mechanism),
    ...(credentials.mechanism === "PLAIN"
      ? [encodeText(credentials.username), encodeText(credentials.password)]
      : credentials.mechanism === "CURVE"
      ? [credentials.publicKey]
      : []),
  ];
}

/**
 * Reads `delimiter version id status text user-id metadata`. A reply that
 * violates ZAP fails its request; a message without delimiter is not a reply.
 */
function decode(
  [delimiter, ...rest]: Message,
): { id: string; verdict: Verdict } | undefined {
  if (rest.length === 0 || delimiter!.byteLength > 0) return undefined;
  const [version, id = "", status, text = ""] = rest.map(decodeText);
  const broken = (problem: ZapErrorCode, what: string) => ({
    id,
    verdict: { status: 500, text: `The ZAP handler ${what}`, problem } as const,
  });
  if (rest.length !== 6) {
    return broken(
      "ERR_ZAP_MALFORMED_REPLY",
      "gave an answer that is malformed",
    );
  }
  if (version !== VERSION) {
    return broken("ERR_ZAP_BAD_VERSION", `answered in version "${version}"`);
  }
  if (!/^(200|300|400|500)$/.test(status!)) {
    return broken(
      "ERR_ZAP_INVALID_STATUS_CODE",
      `answered with status "${status}"`,
    );
  }
  return { id, verdict: { status: Number(status) as Verdict["status"], text } };
}
