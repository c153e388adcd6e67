/**
 * Layer: cli. Why a socket has no connection: what went wrong last, so that a
 * command whose time is over can tell more than that.
 *
 * @module
 */
import type { Socket } from "../zmq/mod.ts";
import { messageOf } from "./errors.ts";

/** Listens to what goes wrong beneath a socket, from before it is bound or connected. */
export class Trouble {
  /** Aborted, with the error as its reason, once the other side refuses us. */
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
      // A client that we refuse is no reason to end.
      if (bound.has(address)) keep({ error });
      else refusal.abort(error);
    });
  }

  /** The end of a sentence: `: connection refused`; empty if all went well. */
  get text(): string {
    return this.#reason === undefined ? "" : `: ${this.#reason}`;
  }
}

/** An engine's own `Cannot connect to "…": reason` would repeat the address. */
function reasonOf(error: Error): string {
  const message = messageOf(error);
  return /^Cannot [^"]*"[^"]*": (.+)$/.exec(message)?.[1] ?? message;
}
