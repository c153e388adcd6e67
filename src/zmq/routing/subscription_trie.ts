/**
 * Layer: routing. Who has subscribed to which prefixes (RFC 29). No I/O.
 *
 * A radix tree: each edge holds as many bytes as it can, so that memory grows
 * with the bytes subscribed to, and matching a topic costs at most as many
 * steps as the topic has bytes, however many subscriptions there are.
 *
 * @module
 */
import { concat, EMPTY } from "../bytes.ts";

/** A set of pairs (prefix, subscriber). */
export class SubscriptionTrie<T> {
  readonly #root: Node<T> = new Node<T>(EMPTY, undefined);
  /** Where a subscriber's prefixes end. */
  readonly #nodesOf: Map<T, Set<Node<T>>> = new Map();

  /** Adds a pair; returns whether the prefix had no subscriber before. */
  add(prefix: Uint8Array, subscriber: T): boolean {
    const node = this.#make(prefix);
    const isFirst = node.subscribers.size === 0;
    node.subscribers.add(subscriber);
    let nodes = this.#nodesOf.get(subscriber);
    if (nodes === undefined) {
      nodes = new Set();
      this.#nodesOf.set(subscriber, nodes);
    }
    nodes.add(node);
    return isFirst;
  }

  /** Whether the pair is there. */
  has(prefix: Uint8Array, subscriber: T): boolean {
    return this.#find(prefix)?.subscribers.has(subscriber) ?? false;
  }

  /** Removes a pair; returns whether that left the prefix without a subscriber. */
  remove(prefix: Uint8Array, subscriber: T): boolean {
    const node = this.#find(prefix);
    if (node === undefined || !node.subscribers.delete(subscriber)) {
      return false;
    }
    const nodes = this.#nodesOf.get(subscriber)!;
    nodes.delete(node);
    if (nodes.size === 0) this.#nodesOf.delete(subscriber);
    const isLast = node.subscribers.size === 0;
    prune(node);
    return isLast;
  }

  /** Removes all of a subscriber; returns its prefixes, and of each whether it has none left. */
  removeAll(subscriber: T): { prefix: Uint8Array; isLast: boolean }[] {
    const removed: { prefix: Uint8Array; isLast: boolean }[] = [];
    for (const node of this.#nodesOf.get(subscriber) ?? []) {
      node.subscribers.delete(subscriber);
      const isLast = node.subscribers.size === 0;
      removed.push({ prefix: prefixOf(node), isLast });
      if (isLast) prune(node);
    }
    this.#nodesOf.delete(subscriber);
    return removed;
  }

  /** Calls back for each subscriber of each prefix of the topic; one may come twice. */
  match(topic: Uint8Array, found: (subscriber: T) => void): void {
    this.#walk(topic, (node) => {
      for (const subscriber of node.subscribers) found(subscriber);
      return false;
    });
  }

  /** Whether anybody has subscribed to a prefix of the topic. */
  matches(topic: Uint8Array): boolean {
    return this.#walk(topic, (node) => node.subscribers.size > 0);
  }

  /** Visits the nodes whose prefix the topic has, until the visitor says stop. */
  #walk(topic: Uint8Array, visit: (node: Node<T>) => boolean): boolean {
    let node: Node<T> | undefined = this.#root;
    let at = 0;
    for (;;) {
      if (visit(node)) return true;
      if (at === topic.byteLength) return false;
      node = node.children?.get(topic[at]!);
      if (node === undefined || !startsWith(topic, at, node.label)) {
        return false;
      }
      at += node.label.byteLength;
    }
  }

  #find(prefix: Uint8Array): Node<T> | undefined {
    let node = this.#root;
    let at = 0;
    while (at < prefix.byteLength) {
      const child = node.children?.get(prefix[at]!);
      if (child === undefined || !startsWith(prefix, at, child.label)) return;
      at += child.label.byteLength;
      node = child;
    }
    return node;
  }

  #make(prefix: Uint8Array): Node<T> {
    let node = this.#root;
    let at = 0;
    while (at < prefix.byteLength) {
      const rest = prefix.subarray(at);
      let child = node.children?.get(rest[0]!);
      if (child === undefined) child = new Node<T>(concat([rest]), node);
      else {
        const common = commonLength(child.label, rest);
        if (common < child.label.byteLength) child = child.split(common);
      }
      at += child.label.byteLength;
      node = child;
    }
    return node;
  }
}

/** Where a prefix ends, or branches. */
class Node<T> {
  readonly subscribers: Set<T> = new Set();
  /** By the first byte of their label; made with the first one. */
  children: Map<number, Node<T>> | undefined;
  /** The bytes between the parent and here. */
  label: Uint8Array;
  parent: Node<T> | undefined;

  constructor(label: Uint8Array, parent: Node<T> | undefined) {
    this.label = label;
    this.parent = parent;
    parent?.adopt(this);
  }

  adopt(child: Node<T>): void {
    this.children ??= new Map();
    this.children.set(child.label[0]!, child);
    child.parent = this;
  }

  /** Puts a node above this one, `at` bytes after the parent, and returns it. */
  split(at: number): Node<T> {
    const above = new Node<T>(this.label.slice(0, at), this.parent);
    this.label = this.label.slice(at);
    above.adopt(this);
    return above;
  }
}

/** Removes a node, and those above it, where they lead to nobody. */
function prune<T>(start: Node<T>): void {
  let node = start;
  while (node.parent !== undefined && node.subscribers.size === 0) {
    const parent = node.parent;
    const count = node.children?.size ?? 0;
    if (count > 1) return;
    if (count === 1) {
      const child: Node<T> = node.children!.values().next().value!;
      child.label = concat([node.label, child.label]);
      parent.adopt(child);
      return;
    }
    parent.children!.delete(node.label[0]!);
    node = parent;
  }
}

/** All bytes from the root to a node. */
function prefixOf<T>(node: Node<T>): Uint8Array {
  const labels = [node.label];
  for (let n = node.parent; n !== undefined; n = n.parent) labels.push(n.label);
  return concat(labels.reverse());
}

function startsWith(topic: Uint8Array, at: number, label: Uint8Array): boolean {
  const size = label.byteLength;
  if (topic.byteLength - at < size) return false;
  for (let i = 0; i < size; i++) if (topic[at + i] !== label[i]) return false;
  return true;
}

function commonLength(a: Uint8Array, b: Uint8Array): number {
  const most = Math.min(a.byteLength, b.byteLength);
  for (let i = 0; i < most; i++) if (a[i] !== b[i]) return i;
  return most;
}
