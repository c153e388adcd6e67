/**
 * Layer: zmq. Writes to the console of the browser, which never blocks.
 *
 * @module
 */

/** An output; only what the engine uses of one. */
export class Output {
  readonly #write: (text: string) => void;

  /** @param write Writes text. */
  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** Writes lines. */
  tryWrite(text: string): boolean {
    this.#write(text.trimEnd());
    return true;
  }
}

/** The output for results. */
export function stdout(): Output {
  return new Output((text) => console.log(text));
}

/** The output for errors. */
export function stderr(): Output {
  return new Output((text) => console.error(text));
}
