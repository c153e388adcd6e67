/**
 * Example `ffmpeg`: changes the options of filters while ffmpeg works.
 *
 * @module
 */
import { zmq } from "@agentzero/agentzero";

/** ffmpeg's answer is late by as long as one frame takes, and by its start. */
const ANSWER_MS = 30_000;

/** A client of the filter `zmq` (or `azmq`, for sound). */
export class FilterControl implements AsyncDisposable {
  readonly #socket = new zmq.Request({
    receiveTimeout: ANSWER_MS,
    // Without an answer in time, one may ask again, and the late answer is dropped.
    relaxed: true,
    correlate: true,
  });

  /** @param address what the filter has as its `bind_address` */
  constructor(address: string) {
    this.#socket.connect(address);
  }

  /**
   * Sends a command to a filter; resolves once ffmpeg has executed it, which it
   * does between two frames.
   *
   * @param target the name of a filter (`hue`), or of one (`hue@shade`)
   * @param argument its value
   * @returns what the filter said, mostly nothing
   * @throws {Error} if ffmpeg has no such filter or command: `38 Function not implemented`
   */
  async command(
    target: string,
    command: string,
    argument: string,
  ): Promise<string> {
    await this.#socket.send(`${target} ${command} ${argument}`);
    const [first = "", ...lines] = String(await this.#socket.receive())
      .split("\n");
    if (!first.startsWith("0 ")) throw new Error(`${target}: ${first}`);
    return lines.join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket.close();
  }
}
