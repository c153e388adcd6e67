/**
 * Example `elastic`: the front, which gives tasks to nodes. It starts without
 * any: each node asks it to connect, and later to disconnect, while it runs.
 *
 * @module
 */
import { SocketManager, zmq } from "@agentzero/agentzero";
import { type Instruction, instruction } from "./instruction.ts";

/** A node that does not reply for this long is lost. */
const NODE_MS = 1000;

/** What the front reports. */
export interface FrontEvents {
  /** A node was connected or disconnected; `size` is how many there are now. */
  onNode(
    node: string,
    what: "joins" | "leaves" | "is lost",
    size: number,
  ): void;
  /** An instruction is refused. Default: it is written to stderr. */
  readonly onError?: (error: unknown) => void;
}

/** Gives each task to a node that is free, and again to another if that one is lost. */
export class Front implements AsyncDisposable {
  /** Where nodes send their instructions. */
  readonly address: string;
  readonly #sockets: SocketManager;
  readonly #events: FrontEvents;
  /** The nodes, and the end of their work for us. */
  readonly #nodes = new Map<string, Promise<void>>();
  readonly #tasks: Task[] = [];
  readonly #idle: (() => void)[] = [];
  readonly #closing = new AbortController();

  private constructor(
    sockets: SocketManager,
    address: string,
    events: FrontEvents,
  ) {
    this.#sockets = sockets;
    this.address = address;
    this.#events = events;
    void sockets.serve("control", (instruction) => this.#obey(instruction), {
      schema: instruction,
      signal: this.#closing.signal,
      onError: events.onError,
    }).catch(() => {}); // the front was closed
  }

  /** Opens a front on a free port of this machine. */
  static async open(events: FrontEvents): Promise<Front> {
    const sockets = new SocketManager({ linger: 0 });
    const control = await sockets.ensureAndBind(
      "control",
      zmq.ROUTER,
      "tcp://127.0.0.1:*",
    );
    return new Front(sockets, control.lastEndpoint!, events);
  }

  /** The tasks that no node has yet. */
  get backlog(): number {
    return this.#tasks.length;
  }

  /** Runs a task on one of the nodes, as soon as one is free, and returns its result. */
  run(input: unknown): Promise<unknown> {
    return new Promise((resolve) => this.#add({ input, resolve }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#sockets.closeAll();
  }

  async #obey({ action, node, address }: Instruction): Promise<string> {
    if (action === "join" && !this.#nodes.has(node)) {
      await this.#sockets.ensureAndConnect(node, zmq.REQ, address);
      this.#nodes.set(node, this.#feed(node));
      this.#events.onNode(node, "joins", this.#nodes.size);
    }
    if (action === "leave") {
      const fed = this.#nodes.get(node);
      if (this.#nodes.delete(node)) {
        this.#events.onNode(node, "leaves", this.#nodes.size);
      }
      this.#wakeAll();
      await fed; // after that it has no task of ours
    }
    return "done";
  }

  /** Gives one task after the other to a node, until it leaves or is lost. */
  async #feed(node: string): Promise<void> {
    do {
      const task = this.#tasks.shift();
      if (task === undefined) {
        await new Promise<void>((resolve) => this.#idle.push(resolve));
        continue;
      }
      try {
        const timeout = NODE_MS;
        task.resolve(
          await this.#sockets.request(node, task.input, {
            timeout,
            retries: 0,
          }),
        );
      } catch {
        if (this.#closing.signal.aborted) return;
        this.#add(task);
        if (this.#nodes.delete(node)) {
          this.#events.onNode(node, "is lost", this.#nodes.size);
        }
      }
    } while (this.#nodes.has(node));
    if (!this.#closing.signal.aborted) await this.#sockets.close(node);
  }

  #add(task: Task): void {
    this.#tasks.push(task);
    this.#idle.shift()?.();
  }

  #wakeAll(): void {
    for (const wake of this.#idle.splice(0)) wake();
  }
}

interface Task {
  readonly input: unknown;
  resolve(result: unknown): void;
}
