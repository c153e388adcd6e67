/**
 * Example: titanic. A client (RFC 9): submits a request, and fetches the reply
 * later, perhaps in another process: it only needs the id.
 *
 * The protocol cannot recognize a request that is submitted twice: if the answer
 * to `submit` was lost, the request may have been stored, and may be executed,
 * under an id that no client knows.
 *
 * @module
 */
import type { zmq } from "@agentzero/agentzero";
import type { PirateOptions } from "../lazy_pirate/pirate_client.ts";
import { MajordomoClient } from "../majordomo/client.ts";
import { pause } from "../support/scene.ts";
import { SERVICES } from "./protocol.ts";

/** The interval at which `waitForReply` asks, in milliseconds. */
const POLL_MS = 50;

/** The titanic answered with an error. */
export class TitanicError extends Error {
  override readonly name = "TitanicError";
  /** The status, three digits. */
  readonly code: string;

  constructor(what: string, code: string) {
    super(`Cannot ${what}: the titanic answered ${code}`);
    this.code = code;
  }
}

/** A client of a titanic. One call at a time. */
export class TitanicClient implements AsyncDisposable {
  readonly #client: MajordomoClient;

  /** @param address The broker's. */
  constructor(address: string, options: PirateOptions = {}) {
    this.#client = new MajordomoClient(address, options);
  }

  /** Submits a request; resolves with its id once it is on the titanic's disk. */
  async submit(
    service: string,
    body: readonly zmq.MessageLike[],
  ): Promise<string> {
    const [id] = await this.#ask(SERVICES.request, [service, ...body]);
    return `${id}`;
  }

  /** Returns the reply, if there is one yet. May be called repeatedly. */
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

  /** Removes the request and its reply. */
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
