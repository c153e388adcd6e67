/**
 * Example `browser`. A source of live values: a PUB sends them, and a REP takes
 * commands, both by WebSocket.
 *
 * @module
 */
import { SocketManager, zmq } from "@agentzero/agentzero";

/** A command of the page. */
interface Command {
  readonly action: "faster" | "slower" | "pause" | "resume" | "status";
}

/** Where the page connects to. */
export interface Addresses {
  readonly values: string;
  readonly commands: string;
}

const FASTEST_MS = 20;
const SLOWEST_MS = 1000;

/** Sends values until it is closed. */
export class Sensor implements AsyncDisposable {
  readonly #sockets = new SocketManager();
  readonly #values = new zmq.Publisher();
  #intervalMs = 100;
  #isPaused = false;
  #count = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Binds; an address for the page to connect to stands for each socket. */
  async open(host = "127.0.0.1"): Promise<Addresses> {
    await this.#values.bind(`ws://${host}:*/values`);
    const commands = await this.#sockets.ensureAndBind(
      "commands",
      zmq.REP,
      `ws://${host}:*/commands`,
    );
    void this.#answer();
    this.#next();
    return {
      values: this.#values.lastEndpoint!,
      commands: commands.lastEndpoint!,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    await Promise.all([this.#values.close(), this.#sockets.closeAll()]);
  }

  #next(): void {
    this.#timer = setTimeout(() => {
      if (!this.#isPaused) void this.#send();
      this.#next();
    }, this.#intervalMs);
  }

  async #send(): Promise<void> {
    const value = Math.sin(this.#count++ / 10) + Math.random() / 5;
    await this.#values.send(["value", JSON.stringify({ value })]);
  }

  async #answer(): Promise<void> {
    try {
      for (;;) {
        const command = await this.#sockets.recvSafe("commands") as Command;
        await this.#sockets.sendSafe("commands", this.#run(command));
      }
    } catch {
      // it is closed
    }
  }

  #run({ action }: Command): object {
    if (action === "faster") this.#intervalMs = this.#within(1 / 2);
    if (action === "slower") this.#intervalMs = this.#within(2);
    if (action === "pause") this.#isPaused = true;
    if (action === "resume") this.#isPaused = false;
    return { intervalMs: this.#intervalMs, isPaused: this.#isPaused };
  }

  #within(factor: number): number {
    const ms = this.#intervalMs * factor;
    return Math.max(FASTEST_MS, Math.min(ms, SLOWEST_MS));
  }
}
