/**
 * Test support. A WebSocket client of bytes: what it sends is up to the test,
 * and what it receives is what was on the wire.
 *
 * @module
 */
import { connect, type Socket } from "node:net";

const KEY = "dGhlIHNhbXBsZSBub25jZQ=="; // of RFC 6455, section 1.3

/** The answer to `KEY`, of RFC 6455, section 1.3. */
export const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** One connection of TCP. */
export class RawWebSocket implements Disposable {
  readonly #socket: Socket;
  #bytes: Uint8Array = new Uint8Array(0);
  #isOver = false;
  #changed: () => void = () => {};

  /** @param endpoint Such as `ws://127.0.0.1:5555/path`. */
  constructor(endpoint: string) {
    const { hostname, port } = new URL(endpoint);
    this.#socket = connect({ host: hostname, port: Number(port) });
    this.#socket.on("data", (chunk: Uint8Array) => {
      this.#bytes = Uint8Array.of(...this.#bytes, ...chunk);
      this.#changed();
    }).on("error", () => {}).on("close", () => {
      this.#isOver = true;
      this.#changed();
    });
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  /** Sends bytes. */
  send(...parts: (string | readonly number[] | Uint8Array)[]): void {
    for (const part of parts) {
      this.#socket.write(
        typeof part === "string"
          ? new TextEncoder().encode(part)
          : Uint8Array.from(part),
      );
    }
  }

  /** Sends a request, with more headers or other values of the usual ones. */
  request(
    protocols: string,
    { path = "/zmq", headers = {} }: {
      path?: string;
      headers?: Readonly<Record<string, string>>;
    } = {},
  ): void {
    const all = {
      Host: "127.0.0.1",
      Upgrade: "websocket",
      Connection: "Upgrade",
      "Sec-WebSocket-Key": KEY,
      "Sec-WebSocket-Protocol": protocols,
      "Sec-WebSocket-Version": "13",
      ...headers,
    };
    const lines = Object.entries(all).map(([name, value]) =>
      `${name}: ${value}\r\n`
    );
    this.send(`GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
  }

  /** Reads the head of the response: its lines. */
  async response(): Promise<string[]> {
    for (;;) {
      const text = String.fromCharCode(...this.#bytes);
      const end = text.indexOf("\r\n\r\n");
      if (end >= 0) {
        this.#bytes = this.#bytes.slice(end + 4);
        return text.slice(0, end).split("\r\n");
      }
      await this.#wait();
    }
  }

  /** Reads so many bytes. */
  async read(size: number): Promise<number[]> {
    while (this.#bytes.byteLength < size) await this.#wait();
    const taken = this.#bytes.slice(0, size);
    this.#bytes = this.#bytes.slice(size);
    return [...taken];
  }

  /** Reads until the server has closed the connection. */
  async rest(): Promise<number[]> {
    while (!this.#isOver) await this.#wait();
    return [...this.#bytes];
  }

  #wait(): Promise<void> {
    if (this.#isOver) throw new Error("The server closed the connection");
    return new Promise((resolve) => this.#changed = resolve);
  }
}

/** A masked frame of a client, of up to 125 bytes. */
export function masked(
  first: number,
  payload: readonly number[],
): number[] {
  const key = [0x12, 0x34, 0x56, 0x78];
  const body = payload.map((byte, i) => byte ^ key[i % 4]!);
  return [first, 0x80 | payload.length, ...key, ...body];
}

/** The bytes of a text. */
export function ascii(text: string): number[] {
  return [...new TextEncoder().encode(text)];
}

/** READY of a socket type, as ZWS sends it. */
export function ready(type: string): number[] {
  return [
    2,
    5,
    ...ascii("READY"),
    11,
    ...ascii("Socket-Type"),
    ...[0, 0, 0, type.length],
    ...ascii(type),
  ];
}
