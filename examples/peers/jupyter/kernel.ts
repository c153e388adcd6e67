/**
 * Example `jupyter`: a kernel for JavaScript. It runs cells in a context of
 * their own, prints, returns values, reports errors and asks for lines.
 *
 * @module
 */
import { createContext, Script } from "node:vm";
import { inspect } from "node:util";
import { zmq } from "@agentzero/agentzero";
import {
  addressOf,
  type Channel,
  type Connection,
  type Message,
  Wire,
} from "./wire.ts";

type Content = Message["content"];

const INFO: Content = {
  status: "ok",
  protocol_version: "5.3",
  implementation: "agentzero",
  implementation_version: "1.0",
  banner: "JavaScript",
  language_info: {
    name: "javascript",
    version: "ES2022",
    mimetype: "text/javascript",
    file_extension: ".js",
  },
};

/** A kernel at work. */
export class Kernel {
  readonly #wire: Wire;
  readonly #connection: Connection;
  // A client that restarts comes back with its id, and is to be served at once.
  readonly #shell = new zmq.Router({ handover: true });
  readonly #control = new zmq.Router({ handover: true, linger: 1000 });
  readonly #stdin = new zmq.Router({ handover: true });
  // Outputs are not dropped because a front end is slow.
  readonly #iopub = new zmq.Publisher({ sendHighWaterMark: 0, linger: 1000 });
  readonly #heartbeat = new zmq.Reply();
  readonly #context = createContext({});
  #interrupt: (reason: Error) => void = () => {};
  #answered: (line: string) => void = () => {};
  #count = 0;

  constructor(connection: Connection) {
    this.#wire = new Wire(connection);
    this.#connection = connection;
  }

  /** Binds, and works until a client asks it to shut down. */
  async run(): Promise<void> {
    const sockets = {
      ...{ shell: this.#shell, control: this.#control, stdin: this.#stdin },
      ...{ iopub: this.#iopub, hb: this.#heartbeat },
    };
    for (const [channel, socket] of Object.entries(sockets)) {
      await socket.bind(addressOf(this.#connection, channel as Channel));
    }
    void this.#echo();
    void this.#wire.take(this.#shell, (request) => this.#shellRequest(request));
    void this.#wire.take(this.#stdin, ({ content }) => {
      this.#answered(String(content.value));
    });
    await new Promise<void>((resolve) =>
      void this.#wire.take(
        this.#control,
        (request) => this.#controlRequest(request, resolve),
      )
    );
    await Promise.all(Object.values(sockets).map((socket) => socket.close()));
  }

  async #echo(): Promise<void> {
    for await (const frames of this.#heartbeat) {
      await this.#heartbeat.send(frames);
    }
  }

  async #controlRequest(request: Message, end: () => void): Promise<void> {
    const content: Content = { status: "ok", ...request.content };
    if (request.header.msg_type === "interrupt_request") {
      this.#interrupt(new Error("interrupted"));
    }
    await this.#reply(this.#control, request, content);
    if (request.header.msg_type === "shutdown_request") end();
  }

  /** Answers a request; around it, all clients are notified that the kernel is busy. */
  async #shellRequest(request: Message): Promise<void> {
    await this.#publish(request, "status", { execution_state: "busy" });
    switch (request.header.msg_type) {
      case "kernel_info_request":
        await this.#reply(this.#shell, request, INFO);
        break;
      case "execute_request":
        await this.#reply(this.#shell, request, await this.#execute(request));
    }
    await this.#publish(request, "status", { execution_state: "idle" });
  }

  async #execute(request: Message): Promise<Content> {
    const execution_count = ++this.#count;
    const { code } = request.content;
    await this.#publish(request, "execute_input", { code, execution_count });
    try {
      const value = await this.#evaluate(String(code), request);
      if (value !== undefined) {
        await this.#publish(request, "execute_result", {
          ...{ execution_count, metadata: {} },
          data: { "text/plain": inspect(value) },
        });
      }
      return { status: "ok", execution_count, user_expressions: {} };
    } catch (error: unknown) {
      // Not `instanceof`: the errors of a context have classes of their own.
      const { name = "Error", message = String(error), stack } = Object(error);
      const traceback = [stack ?? `${name}: ${message}`];
      const content = { ename: name, evalue: message, traceback };
      await this.#publish(request, "error", content);
      return { status: "error", execution_count, ...content };
    }
  }

  async #evaluate(code: string, request: Message): Promise<unknown> {
    Object.assign(this.#context, {
      console: {
        log: (...values: unknown[]) =>
          this.#publish(request, "stream", {
            name: "stdout",
            text: `${values.map(shown).join(" ")}\n`,
          }),
      },
      input: (prompt = "") => this.#input(String(prompt), request),
      setTimeout,
    });
    const interrupted = new Promise<never>((_, reject) =>
      this.#interrupt = reject
    );
    interrupted.catch(() => {}); // also if it comes when there is nothing left
    const value = new Script(code).runInContext(this.#context);
    return await Promise.race([value, interrupted]);
  }

  /** Asks the client that sent the cell for a line. */
  async #input(prompt: string, request: Message): Promise<string> {
    const answered = new Promise<string>((resolve) => this.#answered = resolve);
    const content = { prompt, password: false };
    await this.#stdin.send(
      this.#wire.encodeAbout(request, "input_request", content),
    );
    return await answered;
  }

  #reply(
    socket: zmq.Router,
    request: Message,
    content: Content,
  ): Promise<void> {
    const type = request.header.msg_type.replace("_request", "_reply");
    return socket.send(this.#wire.encodeAbout(request, type, content));
  }

  #publish(request: Message, type: string, content: Content): Promise<void> {
    const topic = [Buffer.from(type)]; // front ends subscribe to all
    return this.#iopub.send(
      this.#wire.encodeAbout(request, type, content, topic),
    );
  }
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : inspect(value);
}
