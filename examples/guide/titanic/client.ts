/**
 * Example: titanic. A client (RFC 9): hands in a request, and fetches the reply
 * later, perhaps in another process: all it has to keep is the id.
 *
 * The protocol has no way to hand in a request twice and have it stored once:
 * if the answer to `submit` was lost, the request may be stored, and done, under
 * an id that nobody knows.
 *
 * @module
 */
import type { zmq } from "@agentzero/agentzero";
import type { PirateOptions } from "../lazy_pirate/pirate_client.ts";
import { MajordomoClient } from "../majordomo/client.ts";
import { pause } from "../support/scene.ts";
import { SERVICES } from "./protocol.ts";

/** How long to wait before asking again for a reply, in milliseconds. */
const POLL_MS = 50;

/** A titanic could not do what it was asked. */
export class TitanicError extends Error {
  override readonly name = "TitanicError";
  /** The three digits. */
  readonly code: string;

  constructor(what: string, code: string) {
    super(`Cannot ${what}: the titanic says ${code}`);
    this.code = code;
  }
}

/** A client of a titanic. One call at a time. */
export class TitanicClient implements AsyncDisposable {
  readonly #client: MajordomoClient;

  /** @param address the broker's */
  constructor(address: string, options: PirateOptions = {}) {
    this.#client = new MajordomoClient(address, options);
  }

  /** Hands in a request; resolves to its id once it is on the titanic's disk. */
  async submit(
    service: string,
    body: readonly zmq.MessageLike[],
  ): Promise<string> {
    const [id] = await this.#ask(SERVICES.request, [service, ...body]);
    return `${id}`;
  }

  /** The reply, if it is there. May be asked again and again. */
  async reply(id: string): Promise<zmq.Message | undefined> {
    try {
      return await this.#ask(SERVICES.reply, [id]);
    } catch (error: unknown) {
      if ((error as TitanicError).code === "300") return undefined;
      throw error;
    }
  }

  /** Waits for the reply. */
  async waitForReply(id: string, signal?: AbortSignal): Promise<zmq.Message> {
    while (true) {
      const reply = await this.reply(id);
      if (reply) return reply;
      await pause(POLL_MS, signal);
      signal?.throwIfAborted();
    }
  }

  /** Has the request and its reply removed. */
  async close(id: string): Promise<void> {
    await this.#ask(SERVICES.close, [id]);
  }

  async #ask(
    service: string,
    body: readonly zmq.MessageLike[],
  ): Promise<zmq.Message> {
    const [status, ...rest] = await this.#client.request(service, body);
    const code = `${status}`.slice(0, 3);
    if (code !== "200") throw new TitanicError(`use ${service}`, code);
    return rest;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client[Symbol.asyncDispose]();
  }
}
