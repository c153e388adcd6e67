/**
 * Layer: zmq, bottom. The memory that frames are encoded into. It is reused, as
 * allocating it took a quarter of a sender's time at 1 KiB a message.
 *
 * @module
 */
import { allocate, allocateSmall } from "./bytes.ts";

/** The size of a slab in bytes: 64 KiB, and room for the header of a frame of that size that is encrypted. */
export const SLAB_SIZE = 65_536 + 64;
/**
 * How many slabs are reused, 8 MiB; more are left to the garbage collector.
 * With 16, a PUB with 100 busy subscribers allocated new ones all the time, and
 * collecting those took a third of its time (Node 20).
 */
const MOST = 128;
/** The size in bytes of a slab for an idle connection. */
export const SMALL_SLAB_SIZE = 512;
/** How many small slabs are reused, 64 KiB. */
const MOST_SMALL = 128;

/** The slabs that the connections of one context share. */
export class SlabPool {
  readonly #free: Uint8Array[] = [];
  readonly #freeSmall: Uint8Array[] = [];

  /** A slab with arbitrary content. */
  take(): Uint8Array {
    return this.#free.pop() ?? allocate(SLAB_SIZE);
  }

  /** A small slab. */
  takeSmall(): Uint8Array {
    return this.#freeSmall.pop() ?? allocateSmall(SMALL_SLAB_SIZE);
  }

  /** Returns a slab that is not in use any more. */
  give(slab: Uint8Array): void {
    if (slab.byteLength === SLAB_SIZE) {
      if (this.#free.length < MOST) this.#free.push(slab);
    } else if (this.#freeSmall.length < MOST_SMALL) this.#freeSmall.push(slab);
  }
}
