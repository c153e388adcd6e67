/**
 * Layer: pipeline/http. Reads the bodies of requests, with a bound for each and for
 * all that are on their way.
 *
 * @module
 */
import { maxMessageBytes } from "../model/bounds.ts";
import { PipelineError } from "../model/pipeline_error.ts";

/** How many bodies of the largest size may be on their way together. */
const AT_ONCE = 4;
/** The first room for a body, in bytes. */
const ROOM = 16_384;

/** Reads bodies. */
export class RequestBodies {
  readonly #most: number;
  /** The room of those that are on their way, in bytes. */
  #held = 0;

  /** @param maxPayloadBytes The largest payload of the pipeline. */
  constructor(maxPayloadBytes: number) {
    this.#most = maxMessageBytes(maxPayloadBytes);
  }

  /**
   * Reads a body.
   *
   * @throws {PipelineError} `ERR_PIPELINE_TOO_LARGE`, `ERR_PIPELINE_FULL` if those
   *   on their way are too large together.
   */
  async read({ body, headers }: Request): Promise<Uint8Array> {
    if (Number(headers.get("content-length") ?? 0) > this.#most) {
      throw this.#tooLarge();
    }
    if (body === null) return new Uint8Array();
    const reader = body.getReader();
    let bytes = new Uint8Array();
    let length = 0;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return bytes.subarray(0, length);
        const end = length + value.byteLength;
        if (end > this.#most) throw this.#tooLarge();
        if (end > bytes.byteLength) bytes = this.#grown(bytes, end);
        bytes.set(value, length);
        length = end;
      }
    } finally {
      this.#held -= bytes.byteLength;
      reader.cancel().catch(() => {}); // the client is gone, too
    }
  }

  /** The same bytes with room for more. */
  #grown(bytes: Uint8Array, least: number): Uint8Array<ArrayBuffer> {
    const size = Math.min(
      Math.max(ROOM, least, 2 * bytes.byteLength),
      this.#most,
    );
    const held = this.#held - bytes.byteLength + size;
    if (held > AT_ONCE * this.#most) {
      throw new PipelineError(
        "ERR_PIPELINE_FULL",
        `The bodies of requests have ${this.#held} bytes together; the maximum is ${
          AT_ONCE * this.#most
        }: retry later`,
      );
    }
    this.#held = held;
    const grown = new Uint8Array(size);
    grown.set(bytes);
    return grown;
  }

  #tooLarge(): PipelineError {
    return new PipelineError(
      "ERR_PIPELINE_TOO_LARGE",
      `The body of a request may have ${this.#most} bytes (maxPayloadBytes, and some more)`,
    );
  }
}
