/**
 * Layer: cli. Why a socket has no connection: its last error, so that a command
 * can report more than a timeout.
 *
 * @module
 */
import type { Socket, ZmqError } from "../zmq/mod.ts";
import { messageOf } from "./cli_error.ts";

/** Records the last connection error of a socket; to be created before it is bound or connected. */
export class SocketProblem {
  /** Aborted, with the error as its reason, once the peer refuses the connection. */
  readonly refused: AbortSignal;
  #reason: string | undefined;

  constructor({ events }: Socket) {
    const refusal = new AbortController();
    this.refused = refusal.signal;
    const keep = ({ error }: { readonly error?: Error | undefined }) => {
      if (error !== undefined) this.#reason = reasonOf(error);
    };
    events.on("connect:retry", keep);
    events.on("handshake:error:protocol", keep);
    events.on("handshake:error:other", keep);
    events.on("handshake", () => this.#reason = undefined);
    const bound = new Set<string>();
    events.on("bind", ({ address }) => bound.add(address));
    events.on("handshake:error:auth", ({ address, error }) => {
      // A client that this side refuses is no reason to stop.
      if (bound.has(address)) keep({ error });
      else refusal.abort(error);
    });
  }

  /** The end of a sentence: `: connection refused`; empty without an error. */
  get text(): string {
    return this.#reason === undefined ? "" : `: ${this.#reason}`;
  }
}

/** The reason alone: the whole message would repeat the address. */
function reasonOf(error: Error): string {
  return messageOf({
    message: (error as Partial<ZmqError>).reason ?? error.message,
  });
}
