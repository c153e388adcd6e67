/**
 * Layer: routing. Who has joined which group (RFC 48). Groups match exactly.
 * No I/O.
 *
 * @module
 */
import { bytesKey } from "../bytes.ts";
import type { Pipe } from "./pipe.ts";

const NOBODY: ReadonlySet<Pipe> = new Set();

/** The members of groups. */
export class GroupTable {
  readonly #members: Map<string, Set<Pipe>> = new Map();
  readonly #groupsOf: Map<Pipe, Set<string>> = new Map();

  /** The pipes that have joined a group. */
  members(group: Uint8Array): ReadonlySet<Pipe> {
    return this.#members.get(bytesKey(group)) ?? NOBODY;
  }

  /** Enters a pipe into a group; once there, joining again changes nothing. */
  join(group: Uint8Array, pipe: Pipe): void {
    const key = bytesKey(group);
    add(this.#members, key, pipe);
    add(this.#groupsOf, pipe, key);
  }

  /** Takes a pipe out of a group; one that is not there is no error. */
  leave(group: Uint8Array, pipe: Pipe): void {
    const key = bytesKey(group);
    remove(this.#members, key, pipe);
    remove(this.#groupsOf, pipe, key);
  }

  /** Takes a pipe out of all its groups. */
  leaveAll(pipe: Pipe): void {
    for (const key of this.#groupsOf.get(pipe) ?? []) {
      remove(this.#members, key, pipe);
    }
    this.#groupsOf.delete(pipe);
  }
}

function add<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, new Set([value]));
  else values.add(value);
}

/** Sets that have become empty do not stay. */
function remove<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const values = map.get(key);
  values?.delete(value);
  if (values?.size === 0) map.delete(key);
}
