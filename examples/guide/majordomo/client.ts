/**
 * Example: majordomo. A client (RFC 7), on top of the lazy pirate. It opens a
 * new socket for each further try: a late answer could not be told from the
 * right one, since MDP's requests have no id, and `correlate` would put one
 * where MDP wants the empty frame.
 *
 * @module
 */
import type { zmq } from "@agentzero/agentzero";
import type { PirateOptions } from "../lazy_pirate/pirate_client.ts";
import { ReopeningClient } from "../lazy_pirate/reopening_client.ts";
import { clientFrames, parse } from "./protocol.ts";

/** A client of a broker. One request at a time: who has more, has more clients. */
export class MajordomoClient implements AsyncDisposable {
  readonly #pirate: ReopeningClient;

  /** @param address the broker's */
  constructor(address: string, options: PirateOptions = {}) {
    this.#pirate = new ReopeningClient(address, options);
  }

  /**
   * Asks a service.
   *
   * @returns the body of the reply
   * @throws {GaveUpError} when no reply came
   */
  async request(
    service: string,
    body: readonly zmq.MessageLike[],
    signal?: AbortSignal,
  ): Promise<zmq.Message> {
    // A REQ makes, and takes away, the empty frame at the head by itself.
    const frames = clientFrames({ service, body }).slice(1);
    const reply = await this.#pirate.request(frames, signal);
    const incoming = parse([new Uint8Array(), ...reply]);
    if (incoming?.from !== "client" || incoming.message.service !== service) {
      throw new Error(`The answer does not come from "${service}"`);
    }
    return incoming.message.body as zmq.Message;
  }

  /** Whether somebody offers a service now (RFC 8). */
  async hasService(name: string, signal?: AbortSignal): Promise<boolean> {
    const [code] = await this.request("mmi.service", [name], signal);
    return `${code}` === "200";
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#pirate[Symbol.asyncDispose]();
  }
}
