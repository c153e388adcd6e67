/**
 * Test support. A hostile peer: a raw connection on loopback that sends whatever
 * it is given, with back-pressure, and knows whether it was cut off.
 *
 * @module
 */
import { connect, type Socket } from "node:net";
import { bytes, frame, handshake } from "../support/peers/zmtp_bytes.ts";

/** How long one step of an attack may take before it is given up, in milliseconds. */
const STEP_MS = 3000;

/** How a raider begins. */
export interface RaiderOptions {
  /** Whether it reads what comes. Default true. */
  readonly isReading?: boolean;
  /** The identity of its handshake. */
  readonly identity?: string;
}

/** A raw connection. */
export class Raider implements Disposable {
  /** How many bytes came. */
  received = 0;
  /** Gets what comes, if anybody wants it. */
  onData: (chunk: Uint8Array) => void = () => {};
  readonly #socket: Socket;
  #isCut = false;
  #isOurs = false;
  #wake: () => void = () => {};

  private constructor(socket: Socket, isReading: boolean) {
    this.#socket = socket;
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => {
      this.#isCut = !this.#isOurs;
      this.#wake();
    });
    socket.on("drain", () => this.#wake());
    if (isReading) {
      socket.on("data", (chunk: Uint8Array) => {
        this.received += chunk.byteLength;
        this.onData(chunk);
        this.#wake();
      });
    }
  }

  /** Connects, and says nothing. */
  static async connect(
    endpoint: string,
    { isReading = true }: RaiderOptions = {},
  ): Promise<Raider> {
    const [, host, port] = /^\w+:\/\/(.+):(\d+)/.exec(endpoint)!;
    const socket = connect({ host: host!, port: Number(port) });
    const raider = new Raider(socket, isReading);
    await raider.#until(() => !socket.connecting || socket.destroyed);
    return raider;
  }

  /** Connects and shakes hands as a socket of a type. */
  static async join(
    endpoint: string,
    type: string,
    options: RaiderOptions = {},
  ): Promise<Raider> {
    const raider = await Raider.connect(endpoint, options);
    await raider.put(handshake(type, options.identity ?? ""));
    if (options.isReading !== false) {
      await raider.#until(() => raider.received > 64);
    }
    return raider;
  }

  /** Whether the other side has ended the connection. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** Sends; false once it was cut off, or where nothing is taken any more. */
  async put(...parts: readonly (string | Uint8Array)[]): Promise<boolean> {
    if (this.#socket.destroyed) return false;
    if (this.#socket.write(bytes(...parts))) return true;
    return await this.#until(() => this.#socket.writableLength === 0);
  }

  /** Sends JSON as a message, or as a request. */
  async say(...values: readonly unknown[]): Promise<boolean> {
    const frames = values.map((value) => frame(JSON.stringify(value)));
    return await this.put(...frames);
  }

  /** Lives on for some time, and ends sooner if it is cut off. */
  async linger(ms: number): Promise<void> {
    await this.#until(() => false, ms);
  }

  [Symbol.dispose](): void {
    this.#isOurs = !this.#isCut;
    this.#socket.destroy();
  }

  /** Whether the condition came true in time. */
  async #until(condition: () => boolean, ms = STEP_MS): Promise<boolean> {
    const end = performance.now() + ms;
    while (!condition()) {
      const leftMs = end - performance.now();
      if (this.#socket.destroyed || leftMs <= 0) return condition();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return true;
  }
}

/** The unit, as often as it takes to reach about so many bytes. */
export function many(unit: Uint8Array, sizeBytes: number): Uint8Array {
  const count = Math.ceil(sizeBytes / unit.byteLength);
  const whole = new Uint8Array(count * unit.byteLength);
  for (let i = 0; i < count; i++) whole.set(unit, i * unit.byteLength);
  return whole;
}
