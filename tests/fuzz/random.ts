/**
 * Test support. Random numbers that are the same on every runtime: xoshiro128**
 * (Blackman and Vigna, 2018), its state filled by SplitMix32, the 32-bit form
 * of SplitMix64 (Steele, Lea and Flood, 2014) with the finalizer of
 * MurmurHash3. Not for secrets.
 *
 * @module
 */

/** By this SplitMix32 goes on. */
const GAMMA = 0x9e3779b9;

/** A stream of random numbers. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** Goes on from a state of four 32-bit words, which must not all be zero. */
  constructor(a: number, b: number, c: number, d: number) {
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }

  /** The stream with this number among those of a seed. */
  static of(seed: number, stream = 0): Random {
    const random = new Random(0, 0, 0, 1);
    random.restart(seed, stream);
    return random;
  }

  /** Becomes the stream that `of` gives, without a new object. */
  restart(seed: number, stream = 0): void {
    const state = mixed(seed | 0) ^ Math.imul(stream, 0x85ebca6b);
    this.#a = mixed(state + GAMMA | 0);
    this.#b = mixed(state + 2 * GAMMA | 0);
    this.#c = mixed(state + 3 * GAMMA | 0);
    this.#d = mixed(state + 4 * GAMMA | 0) | 1;
  }

  /** The next 32 bits. */
  next(): number {
    const b = this.#b;
    const five = Math.imul(b, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
    const c = this.#c ^ this.#a;
    const d = this.#d ^ b;
    this.#b = b ^ c;
    this.#a ^= d;
    this.#c = c ^ (b << 9);
    this.#d = (d << 11) | (d >>> 21);
    return result;
  }

  /** A whole number from 0 on, below `limit`, which is at most 2^32. */
  below(limit: number): number {
    return Math.floor(this.next() / 0x100000000 * limit);
  }

  /** True once in so many times. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  /** One of these. */
  pick<T>(all: readonly T[]): T {
    return all[this.below(all.length)]!;
  }

  /** Fills bytes. */
  fill(bytes: Uint8Array, start = 0, end: number = bytes.byteLength): void {
    for (let i = start; i < end; i++) bytes[i] = this.next() >>> 24;
  }
}

function mixed(word: number): number {
  let z = word;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return z ^ (z >>> 16);
}
