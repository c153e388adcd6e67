/**
 * Example `elastic`: starts nodes while tasks wait, and lets them leave when
 * none do.
 *
 * @module
 */
import { Child } from "../guide/support/child.ts";

/** How many waiting tasks are worth one more node. */
const TASKS_PER_NODE = 20;
const EVERY_MS = 100;

/** What a scaler needs to know. */
export interface ScalerOptions {
  /** The address of the front. */
  readonly front: string;
  /** The least and the most nodes. */
  readonly least: number;
  readonly most: number;
  /** How many tasks wait. */
  backlog(): number;
}

/** Keeps as many nodes as the backlog needs. */
export class Scaler implements AsyncDisposable {
  readonly #options: ScalerOptions;
  readonly #nodes = new Map<string, Child>();
  readonly #leaving: Promise<unknown>[] = [];
  readonly #timer: ReturnType<typeof setInterval>;
  #started = 0;

  constructor(options: ScalerOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#adjust(), EVERY_MS);
    this.#adjust();
  }

  /** Kills a node, as if its machine had failed. */
  async kill(name: string): Promise<void> {
    const node = this.#nodes.get(name);
    this.#nodes.delete(name);
    await node?.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#nodes.values()].map((node) => node.kill()));
    await Promise.all(this.#leaving);
  }

  #adjust(): void {
    const { least, most, backlog } = this.#options;
    const wanted = Math.ceil(backlog() / TASKS_PER_NODE);
    const size = Math.min(most, Math.max(least, wanted));
    while (this.#nodes.size < size) this.#start();
    while (this.#nodes.size > size) this.#stop();
  }

  #start(): void {
    const program = new URL("./node_process.ts", import.meta.url);
    const name = `node-${++this.#started}`;
    this.#nodes.set(name, new Child(program, [name, this.#options.front]));
  }

  /** Lets the newest one leave. */
  #stop(): void {
    const [name, node] = [...this.#nodes].at(-1)!;
    this.#nodes.delete(name);
    node.writeLine("leave");
    this.#leaving.push(node.ended);
  }
}
