/**
 * Example `mongrel2`: a handler of its requests.
 *
 * @module
 */
import { zmq } from "@agentzero/agentzero";

/** One request of a browser. */
export interface WebRequest {
  /** The server that sends it, by its `send_ident`. */
  readonly server: string;
  /** The browser's connection at that server. */
  readonly connection: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Takes requests from one Mongrel2 or several, and answers them. */
export class Handler implements AsyncDisposable {
  readonly #requests: zmq.Pull;
  readonly #answers = new zmq.XPublisher();

  /** @param receiveTimeout How long to wait for a request, in milliseconds; -1 is for ever. */
  constructor(receiveTimeout = -1) {
    this.#requests = new zmq.Pull({ receiveTimeout });
  }

  /** Connects to the `send_spec` and the `recv_spec` of a server's configuration. */
  async connect(sendSpec: string, recvSpec: string): Promise<void> {
    this.#answers.connect(recvSpec);
    // A request may be waiting. Its answer is dropped until the server has subscribed.
    await this.#answers.receive();
    this.#requests.connect(sendSpec);
  }

  /** Calls `serve` with each request, and sends what it returns as the body. */
  async serve(handle: (request: WebRequest) => string): Promise<never> {
    for (;;) {
      const [frame] = await this.#requests.receive();
      const request = readRequest(frame!);
      if (request.headers.METHOD === "JSON") continue; // "a browser has gone"
      const body = Buffer.from(handle(request));
      const head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" +
        `Content-Length: ${body.length}\r\n\r\n`;
      const { server, connection } = request;
      const to = `${server} ${connection.length}:${connection}, `;
      await this.#answers.send(Buffer.concat([Buffer.from(to + head), body]));
    }
  }

  /** Closes its sockets; `serve` then rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#requests.close(), this.#answers.close()]);
  }
}

/** Reads `SERVER CONNECTION PATH SIZE:HEADERS,SIZE:BODY,`: three words, two netstrings. */
export function readRequest(frame: Uint8Array): WebRequest {
  let rest = Buffer.from(frame);
  const upTo = (mark: string) => {
    const size = rest.indexOf(mark);
    if (size < 0) throw new Error(`Not a request of Mongrel2: ${rest}`);
    const part = rest.toString("latin1", 0, size);
    rest = rest.subarray(size + 1);
    return part;
  };
  const netstring = () => {
    const size = Number(upTo(":"));
    const part = rest.subarray(0, size);
    if (rest[size] !== 0x2c) throw new Error("Not a netstring of Mongrel2");
    rest = rest.subarray(size + 1);
    return part;
  };
  const [server, connection, path] = [upTo(" "), upTo(" "), upTo(" ")];
  const headers = JSON.parse(netstring().toString());
  return { server, connection, path, headers, body: netstring() };
}
