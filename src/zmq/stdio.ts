/**
 * Layer: zmq. Writes to stdout and stderr without ever blocking the event loop.
 *
 * All runtimes write to a terminal synchronously, and some to a pipe: if
 * nothing reads there (Ctrl-S, a stalled ssh, a log collector that hangs), the
 * whole process blocks. Here one write is in progress at a time, outside of the
 * event loop; further text waits, up to a limit.
 *
 * @module
 */
import { Latch } from "../async/latch.ts";
import { sleep } from "../async/pending_call.ts";
import { write } from "node:fs";
import process from "node:process";

/** How much may wait for a slow reader, in characters. */
const MAX_WAITING = 64 * 1024;
/** The pause before retrying a full pipe, if the system does not report when it has room. */
const RETRY_MS = 10;

/** Writes text to a file descriptor. Rejects if the reader is gone. */
type RawWrite = (text: string) => Promise<void>;

const encoder = new TextEncoder();

/** An output of the process: 1 is stdout, 2 is stderr. */
export class Output {
  readonly #write: RawWrite;
  readonly #most: number;
  readonly #broken = new AbortController();
  #waiting: string[] = [];
  /** The length of what waits and of the write in progress. */
  #length = 0;
  #dropped = 0;
  /** How many lines were dropped since the last one that was written. */
  #unsaid = 0;
  #isBusy = false;
  readonly #whenFree = new Latch();

  /**
   * @param write Writes to the file descriptor.
   * @param most How much may wait, in characters.
   */
  constructor(write: RawWrite, most: number = MAX_WAITING) {
    this.#write = write;
    this.#most = most;
  }

  /** Aborted once the reader is gone. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  /** How many texts were dropped because the reader was too slow. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Writes lines, if there is room; otherwise drops and counts them. The next
   * lines that are written are preceded by that count.
   */
  tryWrite(text: string): boolean {
    if (this.broken.aborted) return false;
    if (this.#length > 0 && this.#length + text.length > this.#most) {
      this.#dropped++;
      this.#unsaid++;
      return false;
    }
    if (this.#unsaid > 0) {
      this.#add(
        `(${this.#unsaid} messages were dropped: the reader is too slow)\n`,
      );
      this.#unsaid = 0;
    }
    this.#add(text);
    return true;
  }

  /** Writes, and waits for a slow reader; resolves at once if there is no reader. */
  async write(text: string): Promise<void> {
    if (this.broken.aborted) return;
    this.#add(text);
    await this.flushed();
  }

  /** Resolves once everything is written, or cannot be written. */
  flushed(): Promise<void> {
    if (this.#length === 0) return Promise.resolve();
    return this.#whenFree.wait();
  }

  /** Ends all waits for a slow reader. The text is still written. */
  release(): void {
    this.#whenFree.release();
  }

  #add(text: string): void {
    if (text === "") return;
    this.#waiting.push(text);
    this.#length += text.length;
    if (!this.#isBusy) this.#pump().catch(() => {});
  }

  async #pump(): Promise<void> {
    this.#isBusy = true;
    try {
      while (this.#waiting.length > 0) {
        const text = this.#waiting.join("");
        this.#waiting = [];
        await this.#write(text);
        this.#length -= text.length;
      }
    } catch (error) {
      this.#waiting = [];
      this.#length = 0;
      this.#broken.abort(error);
    }
    this.#isBusy = false;
    this.release();
  }
}

let outputs: readonly [Output, Output] | undefined;

/** The output for results. */
export function stdout(): Output {
  return (outputs ??= makeOutputs())[0];
}

/** The output for errors. */
export function stderr(): Output {
  return (outputs ??= makeOutputs())[1];
}

function makeOutputs(): readonly [Output, Output] {
  return [new Output(rawWrite(1)), new Output(rawWrite(2))];
}

/** How this runtime writes without blocking. */
function rawWrite(fd: 1 | 2): RawWrite {
  const ownWrite = ownWriteOf(fd);
  return (text) => {
    if (!isReplaced(fd)) return ownWrite(text);
    streamOf(fd).write(text);
    return Promise.resolve();
  };
}

function streamOf(fd: 1 | 2): NodeJS.WriteStream {
  return fd === 1 ? process.stdout : process.stderr;
}

const isBun = process.versions.bun !== undefined;
/** With Bun, `write` is a member of the stream itself from the start. */
const bunWrites = isBun ? [process.stdout.write, process.stderr.write] : [];

/** Whether the program has replaced a stream's `write`, to capture what is written. */
function isReplaced(fd: 1 | 2): boolean {
  const stream = streamOf(fd);
  return isBun
    ? stream.write !== bunWrites[fd - 1]
    : Object.hasOwn(stream, "write");
}

function ownWriteOf(fd: 1 | 2): RawWrite {
  const deno = Reflect.get(globalThis, "Deno") as DenoStreams | undefined;
  if (deno !== undefined) {
    const stream = fd === 1 ? deno.stdout : deno.stderr;
    return (text) => inPieces(text, (rest) => stream.write(rest));
  }
  if (isBun) {
    return (text) => inPieces(text, (rest) => writeInPool(fd, rest));
  }
  return (text) => writeToStream(fd, text);
}

/** What is used of Deno. */
interface DenoStreams {
  readonly stdout: { write(bytes: Uint8Array): Promise<number> };
  readonly stderr: { write(bytes: Uint8Array): Promise<number> };
}

async function inPieces(
  text: string,
  writeSome: (rest: Uint8Array) => Promise<number>,
): Promise<void> {
  let rest = encoder.encode(text);
  while (rest.byteLength > 0) {
    try {
      rest = rest.subarray(await writeSome(rest));
    } catch (error) {
      // Another process that shares the pipe has made it non-blocking.
      if (!isFull(error)) throw error;
      await sleep(RETRY_MS);
    }
  }
}

function isFull(error: unknown): boolean {
  const { code, name } = Object(error) as { code?: string; name?: string };
  return code === "EAGAIN" || name === "WouldBlock";
}

/** Bun drops a blocking write when the process exits. */
function writeInPool(fd: number, bytes: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) =>
    write(fd, bytes, (error, size) => error ? reject(error) : resolve(size))
  );
}

/**
 * Node waits at its exit for a blocking write, so the write must not block:
 * Node opens the terminal for itself, and can make it non-blocking.
 */
function writeToStream(fd: 1 | 2, text: string): Promise<void> {
  const stream = streamOf(fd);
  if (stream.isTTY && process.platform !== "win32") {
    const { _handle } = stream as unknown as { _handle?: TerminalHandle };
    _handle?.setBlocking?.(false);
  }
  // An error without a listener would end the process.
  if (writesUnderWay[fd - 1]!++ === 0) stream.on("error", ignore);
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      // The event follows the callback.
      setImmediate(() => {
        if (--writesUnderWay[fd - 1]! === 0) stream.off("error", ignore);
      });
      if (error) reject(error);
      else resolve();
    });
  });
}

const writesUnderWay = [0, 0];

function ignore(): void {}

/** What is used of a terminal of Node. */
interface TerminalHandle {
  setBlocking?(isBlocking: boolean): number;
}
