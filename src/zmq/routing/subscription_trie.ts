/**
 * Layer: routing. Which subscribers have subscribed to which prefixes (RFC 29).
 * No I/O.
 *
 * A radix tree: each edge holds as many bytes as it can, so that memory grows
 * with the bytes subscribed to, and matching a topic costs at most as many
 * steps as the topic has bytes, however many subscriptions there are.
 *
 * Peers decide how many subscriptions there are, so nodes are small: a label is
 * a string of one character per byte (a `Uint8Array` takes 200 bytes more on
 * V8), and a single subscriber of a node needs no set.
 *
 * @module
 */
import { bytesKey, bytesOf } from "../bytes.ts";
import { type ReadonlySmallSet, SmallSet } from "./small_set.ts";

/** A set of pairs (prefix, subscriber). */
export class SubscriptionTrie<T> {
  /** How often a pair was added or removed. */
  changes = 0;
  readonly #root: Node<T> = new Node<T>("", undefined);
  /** The nodes of each subscriber's prefixes. */
  readonly #nodesOf: Map<T, Set<Node<T>>> = new Map();

  /** Adds a pair; returns whether the prefix had no subscriber before. */
  add(prefix: Uint8Array, subscriber: T): boolean {
    const node = this.#make(prefix);
    const isFirst = node.isEmpty;
    node.add(subscriber);
    this.changes++;
    const nodes = this.#nodesOf.get(subscriber);
    if (nodes === undefined) this.#nodesOf.set(subscriber, new Set([node]));
    else nodes.add(node);
    return isFirst;
  }

  /** How many prefixes a subscriber has. */
  countOf(subscriber: T): number {
    return this.#nodesOf.get(subscriber)?.size ?? 0;
  }

  /** Whether the pair is in the set. */
  has(prefix: Uint8Array, subscriber: T): boolean {
    return this.#find(prefix)?.has(subscriber) ?? false;
  }

  /** Removes a pair; returns whether that left the prefix without a subscriber. */
  remove(prefix: Uint8Array, subscriber: T): boolean {
    const node = this.#find(prefix);
    if (node === undefined || !node.delete(subscriber)) return false;
    this.changes++;
    const nodes = this.#nodesOf.get(subscriber)!;
    nodes.delete(node);
    if (nodes.size === 0) this.#nodesOf.delete(subscriber);
    const isLast = node.isEmpty;
    prune(node);
    return isLast;
  }

  /**
   * Removes all pairs of a subscriber, one prefix per step, so that the caller
   * can spread the work, whose amount the peer has chosen. Until the last step
   * the subscriber may still be found. It must not be added again meanwhile.
   *
   * @param isNeeded Whether the caller needs a prefix; it is given whether the
   *   prefix has no subscriber left. Composing a prefix takes longer than
   *   removing it.
   * @yields The prefix, if it is needed.
   */
  *removeAll(
    subscriber: T,
    isNeeded: (isLast: boolean) => boolean = (isLast) => isLast,
  ): Generator<Uint8Array | undefined, void> {
    const nodes = this.#nodesOf.get(subscriber);
    if (nodes === undefined) return;
    for (const node of nodes) {
      nodes.delete(node);
      node.delete(subscriber);
      this.changes++;
      const prefix = isNeeded(node.isEmpty) ? prefixOf(node) : undefined;
      prune(node);
      yield prefix;
    }
    this.#nodesOf.delete(subscriber);
  }

  /** The subscribers of each prefix of the topic that has any; one may be in several of these sets. */
  match(topic: Uint8Array): ReadonlySmallSet<T>[] {
    const sets: Node<T>[] = [];
    this.#walk(topic, (node) => {
      if (!node.isEmpty) sets.push(node);
      return false;
    });
    return sets;
  }

  /** Whether a prefix of the topic has a subscriber. */
  matches(topic: Uint8Array): boolean {
    return this.#walk(topic, (node) => !node.isEmpty);
  }

  /** Visits the nodes whose prefix the topic has, until the visitor returns true. */
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
      at += node.label.length;
    }
  }

  #find(prefix: Uint8Array): Node<T> | undefined {
    let node = this.#root;
    let at = 0;
    while (at < prefix.byteLength) {
      const child = node.children?.get(prefix[at]!);
      if (child === undefined || !startsWith(prefix, at, child.label)) return;
      at += child.label.length;
      node = child;
    }
    return node;
  }

  #make(prefix: Uint8Array): Node<T> {
    let node = this.#root;
    let at = 0;
    while (at < prefix.byteLength) {
      let child = node.children?.get(prefix[at]!);
      if (child === undefined) {
        child = new Node<T>(bytesKey(prefix.subarray(at)), node);
      } else {
        const common = commonLength(prefix, at, child.label);
        if (common < child.label.length) child = child.split(common);
      }
      at += child.label.length;
      node = child;
    }
    return node;
  }
}

/** The end of a prefix, or a branch; the set of the subscribers of this prefix. */
class Node<T> extends SmallSet<T> {
  /** By the first byte of their label; `undefined` if there are none. */
  children: Map<number, Node<T>> | undefined = undefined;
  /** The bytes between the parent and this node, one character each. */
  label: string;
  parent: Node<T> | undefined;

  constructor(label: string, parent: Node<T> | undefined) {
    super();
    this.label = label;
    this.parent = parent;
    parent?.adopt(this);
  }

  adopt(child: Node<T>): void {
    this.children ??= new Map();
    this.children.set(child.label.charCodeAt(0), child);
    child.parent = this;
  }

  /** Inserts a node above this one, `at` bytes after the parent, and returns it. */
  split(at: number): Node<T> {
    const above = new Node<T>(this.label.slice(0, at), this.parent);
    this.label = this.label.slice(at);
    above.adopt(this);
    return above;
  }
}

/** Removes a node, and those above it, if they lead to no subscriber. */
function prune<T>(start: Node<T>): void {
  let node = start;
  while (node.parent !== undefined && node.isEmpty) {
    const parent = node.parent;
    const count = node.children?.size ?? 0;
    if (count > 1) return;
    if (count === 1) {
      const child: Node<T> = node.children!.values().next().value!;
      child.label = node.label + child.label;
      parent.adopt(child);
      return;
    }
    parent.children!.delete(node.label.charCodeAt(0));
    if (parent.children!.size === 0) parent.children = undefined;
    node = parent;
  }
}

/** All bytes from the root to a node. */
function prefixOf<T>(node: Node<T>): Uint8Array {
  let prefix = node.label;
  for (let n = node.parent; n !== undefined; n = n.parent) {
    prefix = n.label + prefix;
  }
  return bytesOf(prefix);
}

function startsWith(topic: Uint8Array, at: number, label: string): boolean {
  const size = label.length;
  if (topic.byteLength - at < size) return false;
  for (let i = 0; i < size; i++) {
    if (topic[at + i] !== label.charCodeAt(i)) return false;
  }
  return true;
}

/** How many bytes of a label the topic has at a position. */
function commonLength(topic: Uint8Array, at: number, label: string): number {
  const most = Math.min(topic.byteLength - at, label.length);
  for (let i = 0; i < most; i++) {
    if (topic[at + i] !== label.charCodeAt(i)) return i;
  }
  return most;
}
