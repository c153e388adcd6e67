/**
 * Layer: routing. Which routing id belongs to which pipe: of a ROUTER (RFC 28),
 * a STREAM, a SERVER (RFC 41) or a PEER (RFC 51). No I/O.
 *
 * @module
 */
import { allocate, asFrame, bytesKey } from "../bytes.ts";
import type { Pipe } from "./pipe.ts";

/** The peers of a socket by their routing id. */
export class IdentityTable {
  readonly #byKey: Map<string, Pipe> = new Map();
  readonly #idOf: Map<Pipe, Uint8Array> = new Map();
  /** A random start, as in libzmq, so that ids of an earlier run refer to no peer. */
  #next: number = 1 + Math.floor(Math.random() * 0xffffffff);

  /** The pipe of a routing id. */
  find(id: Uint8Array): Pipe | undefined {
    return this.#byKey.get(bytesKey(id));
  }

  /** The routing id of a pipe. */
  idOf(pipe: Pipe): Uint8Array | undefined {
    return this.#idOf.get(pipe);
  }

  /** Adds a pipe; the caller has checked that the id is free. */
  add(id: Uint8Array, pipe: Pipe): void {
    this.#byKey.set(bytesKey(id), pipe);
    this.#idOf.set(pipe, asFrame(id));
  }

  /** Removes a pipe, if it is there. */
  remove(pipe: Pipe): void {
    const id = this.#idOf.get(pipe);
    if (id === undefined) return;
    this.#idOf.delete(pipe);
    const key = bytesKey(id);
    if (this.#byKey.get(key) === pipe) this.#byKey.delete(key);
  }

  /** A routing id that no peer can choose: a zero byte, then four that are not all zero. */
  generate(): Uint8Array {
    for (;;) {
      const id = allocate(5);
      id[0] = 0;
      new DataView(id.buffer, id.byteOffset).setUint32(1, this.#next);
      this.#next = (this.#next + 1) >>> 0 || 1;
      if (this.find(id) === undefined) return id;
    }
  }

  /** All pipes. */
  pipes(): IterableIterator<Pipe> {
    return this.#idOf.keys();
  }
}
