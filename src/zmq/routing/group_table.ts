/**
 * Layer: routing. Which pipes have joined which group (RFC 48). Groups match
 * exactly. No I/O.
 *
 * @module
 */
import { bytesKey } from "../bytes.ts";
import type { Pipe } from "./pipe.ts";
import { SmallSet } from "./small_set.ts";

/** The members of groups. */
export class GroupTable {
  readonly #members: Map<string, SmallSet<Pipe>> = new Map();
  readonly #groupsOf: Map<Pipe, Set<string>> = new Map();

  /** The pipes that have joined a group. */
  members(group: Uint8Array): Pipe[] {
    const members: Pipe[] = [];
    this.#members.get(bytesKey(group))?.forEach((pipe) => members.push(pipe));
    return members;
  }

  /** Adds a pipe to a group; joining again changes nothing. */
  join(group: Uint8Array, pipe: Pipe): void {
    const key = bytesKey(group);
    let members = this.#members.get(key);
    if (members === undefined) {
      this.#members.set(key, members = new SmallSet());
    }
    members.add(pipe);
    const groups = this.#groupsOf.get(pipe);
    if (groups === undefined) this.#groupsOf.set(pipe, new Set([key]));
    else groups.add(key);
  }

  /** Removes a pipe from a group, if it is there. */
  leave(group: Uint8Array, pipe: Pipe): void {
    const key = bytesKey(group);
    this.#remove(key, pipe);
    const groups = this.#groupsOf.get(pipe);
    groups?.delete(key);
    if (groups?.size === 0) this.#groupsOf.delete(pipe);
  }

  /** How many groups a pipe is in. */
  countOf(pipe: Pipe): number {
    return this.#groupsOf.get(pipe)?.size ?? 0;
  }

  /**
   * Removes a pipe from all its groups, one per step, so that the caller can
   * spread the work. Until the last step it may still be a member.
   */
  *leaveAll(pipe: Pipe): Generator<undefined, void> {
    for (const key of this.#groupsOf.get(pipe) ?? []) {
      this.#remove(key, pipe);
      yield undefined;
    }
    this.#groupsOf.delete(pipe);
  }

  /** Drops groups without members. */
  #remove(key: string, pipe: Pipe): void {
    const members = this.#members.get(key);
    members?.delete(pipe);
    if (members?.isEmpty) this.#members.delete(key);
  }
}
