/**
 * Example `jupyter`: a client of a kernel, which runs cells.
 *
 * @module
 */
import { zmq } from "@agentzero/agentzero";
import { addressOf, type Connection, type Message, Wire } from "./wire.ts";

/** What a cell came to. */
export interface CellResult {
  readonly status: "ok" | "error" | "aborted";
  /** What it printed. */
  readonly text: string;
  /** What it is worth, as text. */
  readonly value: string | undefined;
  /** The name and the text of its error. */
  readonly error: string | undefined;
}

/** A cell that runs. */
interface RunningCell {
  readonly outputs: Message[];
  reply?: Message;
  isIdle: boolean;
  readonly done: () => void;
}

/** A client of one kernel. */
export class JupyterClient implements AsyncDisposable {
  readonly #wire: Wire;
  readonly #shell: zmq.Dealer;
  readonly #control: zmq.Dealer;
  readonly #stdin: zmq.Dealer;
  readonly #iopub = new zmq.Subscriber({ receiveHighWaterMark: 0 });
  /** Resolves once the kernel knows whom to ask. */
  readonly #canBeAsked: Promise<unknown>;
  readonly #answer: (prompt: string) => string;
  readonly #cells = new Map<string, RunningCell>();
  readonly #controlReplies = new Map<string, (reply: Message) => void>();

  /**
   * Connects. The kernel may start later: ZeroMQ waits for it.
   *
   * @param answer what to say when a cell asks for a line (`input()`)
   */
  constructor(
    connection: Connection,
    answer: (prompt: string) => string = () => "",
  ) {
    this.#wire = new Wire(connection);
    this.#answer = answer;
    // One id for all three: a kernel asks for input the id that sent the cell.
    const options = { routingId: crypto.randomUUID(), linger: 0 };
    this.#shell = new zmq.Dealer(options);
    this.#control = new zmq.Dealer(options);
    this.#stdin = new zmq.Dealer(options);
    this.#canBeAsked = new Promise((resolve) =>
      this.#stdin.events.once("handshake", resolve)
    );
    this.#iopub.subscribe(""); // kernels differ in their topics
    this.#iopub.connect(addressOf(connection, "iopub"));
    this.#shell.connect(addressOf(connection, "shell"));
    this.#control.connect(addressOf(connection, "control"));
    this.#stdin.connect(addressOf(connection, "stdin"));
    void this.#wire.take(this.#shell, (message) => this.#replied(message));
    void this.#wire.take(this.#iopub, (message) => this.#published(message));
    void this.#wire.take(this.#stdin, (message) => this.#asked(message));
    void this.#wire.take(this.#control, (message) => {
      this.#controlReplies.get(message.parent.msg_id!)?.(message);
    });
  }

  /**
   * Waits until outputs arrive: the kernel publishes `status` for each request,
   * and what it publishes before our subscription has reached it is lost. So is
   * a question for an id that it does not know yet, and its cell waits for ever.
   */
  async ready(): Promise<void> {
    let isReady = false;
    while (!isReady) {
      const done = this.#request("kernel_info_request", {}).done;
      isReady = await Promise.race([
        done.then(() => true),
        new Promise<false>((no) => setTimeout(() => no(false), 500)),
      ]);
    }
    await this.#canBeAsked;
  }

  /** Runs a cell. */
  async runCell(code: string): Promise<CellResult> {
    const { cell, done } = this.#request("execute_request", {
      ...{ code, silent: false, store_history: true, user_expressions: {} },
      ...{ allow_stdin: true, stop_on_error: true },
    });
    await done;
    const of = (type: string) =>
      cell.outputs.filter(({ header }) => header.msg_type === type)
        .map(({ content }) => content);
    const value = of("execute_result").at(-1)?.data as Record<string, string>;
    const { status, ename, evalue } = cell.reply!.content;
    return {
      status: status as CellResult["status"],
      text: of("stream").map(({ text }) => text).join(""),
      value: value?.["text/plain"],
      error: status === "error" ? `${ename}: ${evalue}` : undefined,
    };
  }

  /** Asks the kernel to interrupt a cell, or to shut down. */
  async controlRequest(
    type: "interrupt_request" | "shutdown_request",
  ): Promise<Message> {
    const content = type === "shutdown_request" ? { restart: false } : {};
    const header = this.#wire.header(type);
    const reply = new Promise<Message>((resolve) =>
      this.#controlReplies.set(header.msg_id, resolve)
    );
    await this.#send(this.#control, { ids: [], header, parent: {}, content });
    return await reply;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [this.#shell, this.#control, this.#stdin, this.#iopub];
    await Promise.all(all.map((socket) => socket.close()));
  }

  /** Sends a request, which is done with its reply *and* `status: idle`, in any order. */
  #request(
    type: string,
    content: Message["content"],
  ): { cell: RunningCell; done: Promise<void> } {
    const header = this.#wire.header(type);
    let cell!: RunningCell;
    const done = new Promise<void>((resolve) => {
      cell = { outputs: [], isIdle: false, done: resolve };
    });
    this.#cells.set(header.msg_id, cell);
    const message = { ids: [], header, parent: {}, content };
    return { cell, done: this.#send(this.#shell, message).then(() => done) };
  }

  #send(socket: zmq.Dealer, message: Message): Promise<void> {
    return socket.send(this.#wire.encode(message));
  }

  #replied(message: Message): void {
    const cell = this.#cells.get(message.parent.msg_id ?? "");
    if (cell === undefined) return;
    cell.reply = message;
    this.#settle(message.parent.msg_id!, cell);
  }

  #published(message: Message): void {
    const cell = this.#cells.get(message.parent.msg_id ?? "");
    if (cell === undefined) return; // of another client
    cell.outputs.push(message);
    if (message.header.msg_type !== "status") return;
    cell.isIdle = message.content.execution_state === "idle";
    this.#settle(message.parent.msg_id!, cell);
  }

  #settle(id: string, cell: RunningCell): void {
    if (!cell.isIdle || cell.reply === undefined) return;
    this.#cells.delete(id);
    cell.done();
  }

  async #asked(question: Message): Promise<void> {
    const content = { value: this.#answer(String(question.content.prompt)) };
    await this.#stdin.send(
      this.#wire.encodeAbout(question, "input_reply", content, []),
    );
  }
}
