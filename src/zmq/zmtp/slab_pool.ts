/**
 * Layer: zmtp. The memory that frames are encoded into, used again and again:
 * allocating it anew was a quarter of a sender's time at 1 KiB a message.
 *
 * @module
 */
import { allocate, allocateSmall } from "../bytes.ts";

/** The size of a slab in bytes. */
export const SLAB_SIZE = 65536;
/**
 * More than these, 8 MiB, are left to the garbage collector. With 16, a PUB of
 * 100 busy subscribers made new ones all the time, and collecting those was a
 * third of its time (Node 20).
 */
const MOST = 128;
/** The size in bytes of a slab for a connection that is not busy. */
export const SMALL_SLAB_SIZE = 512;
/** More small ones, 64 KiB, are left to the garbage collector. */
const MOST_SMALL = 128;

/** The slabs that the connections of one context share. */
export class SlabPool {
  readonly #free: Uint8Array[] = [];
  readonly #freeSmall: Uint8Array[] = [];

  /** A slab; its content is of no meaning. */
  take(): Uint8Array {
    return this.#free.pop() ?? allocate(SLAB_SIZE);
  }

  /** A small slab. */
  takeSmall(): Uint8Array {
    return this.#freeSmall.pop() ?? allocateSmall(SMALL_SLAB_SIZE);
  }

  /** Gives a slab back that nobody reads any more. */
  give(slab: Uint8Array): void {
    if (slab.byteLength === SLAB_SIZE) {
      if (this.#free.length < MOST) this.#free.push(slab);
    } else if (this.#freeSmall.length < MOST_SMALL) this.#freeSmall.push(slab);
  }
}
