/**
 * Example: majordomo. A client (RFC 7), on top of the lazy pirate. It opens a
 * new socket for each retry: a late reply would be indistinguishable from the
 * right one, since MDP's requests have no id, and `correlate` would put one
 * where MDP requires the empty frame.
 *
 * @module
 */
import type { zmq } from "@agentzero/agentzero";
import type { PirateOptions } from "../lazy_pirate/pirate_client.ts";
import { ReopeningClient } from "../lazy_pirate/reopening_client.ts";
import { clientFrames, parse } from "./protocol.ts";

/** A client of a broker. It sends one request at a time; use several clients for more. */
export class MajordomoClient implements AsyncDisposable {
  readonly #pirate: ReopeningClient;

  /** @param address The broker's. */
  constructor(address: string, options: PirateOptions = {}) {
    this.#pirate = new ReopeningClient(address, options);
  }

  /**
   * Sends a request to a service.
   *
   * @returns The body of the reply.
   * @throws {GaveUpError} If there is no reply.
   */
  async request(
    service: string,
    body: readonly zmq.MessageLike[],
    signal?: AbortSignal,
  ): Promise<zmq.Message> {
    // A REQ adds and removes the empty first frame itself.
    const frames = clientFrames({ service, body }).slice(1);
    const reply = await this.#pirate.request(frames, signal);
    const incoming = parse([new Uint8Array(), ...reply]);
    if (incoming?.from !== "client" || incoming.message.service !== service) {
      throw new Error(`The reply is not from "${service}"`);
    }
    return incoming.message.body as zmq.Message;
  }

  /** Whether a service has workers now (RFC 8). */
  async hasService(name: string, signal?: AbortSignal): Promise<boolean> {
    const [code] = await this.request("mmi.service", [name], signal);
    return `${code}` === "200";
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#pirate[Symbol.asyncDispose]();
  }
}
