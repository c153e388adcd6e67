/**
 * Layer: routing. Pipes of which some are active, with a current one among
 * those; the base of the fair queue and of the round robin. No I/O.
 *
 * The active pipes form a ring, so every operation takes constant time, however
 * many peers become active or inactive at once.
 *
 * @module
 */
import type { Pipe } from "./pipe.ts";
import { SmallMap } from "./small_map.ts";

/** A pipe; in the ring, if it is active. */
interface Node {
  readonly pipe: Pipe;
  isActive: boolean;
  previous: Node;
  next: Node;
}

/** A list of pipes; those that may have something to do are active. */
export class ActiveList {
  readonly #nodes: SmallMap<Pipe, Node> = new SmallMap();
  /** The pipe before which pipes that become active are inserted. */
  #first: Node | undefined;
  #current: Node | undefined;

  /** The number of pipes, active or not. */
  get size(): number {
    return this.#nodes.size;
  }

  /** The current pipe; `undefined` if no pipe is active. */
  get current(): Pipe | undefined {
    return this.#current?.pipe;
  }

  /** Adds a pipe as an active one. */
  add(pipe: Pipe): void {
    if (this.#nodes.has(pipe)) return;
    const node = newNode(pipe);
    this.#nodes.set(pipe, node);
    this.#insert(node);
  }

  /** Whether the pipe is in the list. */
  has(pipe: Pipe): boolean {
    return this.#nodes.has(pipe);
  }

  /** Removes a pipe, if it is in the list. */
  remove(pipe: Pipe): void {
    this.deactivate(pipe);
    this.#nodes.delete(pipe);
  }

  /** Makes a pipe active, behind those that are. */
  activate(pipe: Pipe): void {
    const node = this.#nodes.get(pipe);
    if (node !== undefined && !node.isActive) this.#insert(node);
  }

  /** Makes a pipe inactive. If it is the current one, the next becomes that. */
  deactivate(pipe: Pipe): void {
    const node = this.#nodes.get(pipe);
    if (node === undefined || !node.isActive) return;
    const { previous, next } = node;
    const rest = next === node ? undefined : next;
    if (this.#first === node) this.#first = rest;
    if (this.#current === node) this.#current = rest;
    previous.next = next;
    next.previous = previous;
    node.previous = node.next = node;
    node.isActive = false;
  }

  /** Makes the next active pipe the current one. */
  advance(): void {
    this.#current = this.#current?.next;
  }

  /** Deactivates pipes until the current one passes the test; `undefined` if none does. */
  seek(test: (pipe: Pipe) => boolean): Pipe | undefined {
    for (;;) {
      const pipe = this.current;
      if (pipe === undefined || test(pipe)) return pipe;
      this.deactivate(pipe);
    }
  }

  /** All pipes, active or not. */
  [Symbol.iterator](): IterableIterator<Pipe> {
    return this.#nodes.keys().values();
  }

  #insert(node: Node): void {
    const first = this.#first ??= this.#current = node;
    node.isActive = true;
    node.next = first;
    node.previous = first.previous;
    first.previous.next = node;
    first.previous = node;
  }
}

/** With all properties at once: those that are added later take an array of their own (V8). */
function newNode(pipe: Pipe): Node {
  const none = undefined as unknown as Node;
  const node = { pipe, isActive: false, previous: none, next: none };
  node.previous = node.next = node;
  return node;
}
