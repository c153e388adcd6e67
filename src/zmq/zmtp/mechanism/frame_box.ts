/**
 * Layer: zmtp. Boxes for the frames after the handshake of CURVE: XSalsa20 and
 * Poly1305 with a key that both sides have computed, as `crypto_box_afternm`
 * and `crypto_secretbox` of libsodium do. A box is made and opened where it
 * lies, so that a frame needs no memory of its own.
 *
 *     box    authenticator, 16 bytes    first byte    rest
 *
 * Two implementations: libsodium in WebAssembly, which is always there, and the
 * optional package `sodium-native`. `sodium.ts` loads them.
 *
 * @module
 */
import { ZmqError } from "../../errors.ts";

/** The size of the authenticator that a box begins with. */
export const BOX_HEAD = 16;

/** Makes and opens boxes. It has no state that outlives a call. */
export interface FrameBox {
  /**
   * Encrypts `first` and `rest` into a box of `BOX_HEAD + 1 + rest.byteLength`
   * bytes.
   *
   * @param into Where the box goes, from `at` on; not the memory of `rest`.
   * @throws {ZmqError} `EMSGSIZE` if there is no memory for it.
   */
  seal(
    first: number,
    rest: Uint8Array,
    into: Uint8Array,
    at: number,
    nonce: Uint8Array,
    key: Uint8Array,
  ): void;
  /**
   * Decrypts the box that reaches from `at` to the end of the array: what is
   * after its authenticator is overwritten with the plain text.
   *
   * @returns Whether it is genuine; if not, it stays as it is.
   * @throws {ZmqError} `EMSGSIZE` if there is no memory for it.
   */
  open(
    bytes: Uint8Array,
    at: number,
    nonce: Uint8Array,
    key: Uint8Array,
  ): boolean;
}

/**
 * What is used of the WebAssembly module that `libsodium-wrappers` exports as
 * `libsodium`. Its functions take addresses in `HEAPU8`; a size of 64 bits is
 * two numbers, the lower half first.
 */
export interface RawSodium {
  /** All its memory; another array once the memory has grown. */
  readonly HEAPU8: Uint8Array;
  _malloc(size: number): number;
  _free(address: number): void;
  _crypto_secretbox_easy(
    box: number,
    plain: number,
    size: number,
    sizeHigh: number,
    nonce: number,
    key: number,
  ): number;
  _crypto_secretbox_open_easy(
    plain: number,
    box: number,
    size: number,
    sizeHigh: number,
    nonce: number,
    key: number,
  ): number;
}

const NONCE_SIZE = 24;
const KEY_SIZE = 32;
/** Larger boxes get memory for the one call, so that a rare large frame does not hold it for good. */
const SCRATCH_SIZE = 65_536 + 64;

/**
 * Boxes made by libsodium in WebAssembly. It can only reach its own memory, so
 * a frame is copied in and out of a part of it that is used again each time.
 * The functions of `libsodium-wrappers` allocate memory for each argument and
 * result: at 64 B a box took them 3.3, 2.5 and 1.4 times as long (Node 20, Deno
 * 2.9, Bun 1.4). At 64 KiB the encryption takes nearly all of the time.
 */
export class WasmBox implements FrameBox {
  readonly #sodium: RawSodium;
  /** Where the nonce, the key and a box of up to `SCRATCH_SIZE` bytes lie. */
  readonly #nonce: number;
  readonly #key: number;
  readonly #scratch: number;
  /** The key that lies there: most frames in a row have the same one. */
  #present: Uint8Array | undefined;

  constructor(sodium: RawSodium) {
    this.#sodium = sodium;
    this.#nonce = this.#allocate(NONCE_SIZE + KEY_SIZE + SCRATCH_SIZE);
    this.#key = this.#nonce + NONCE_SIZE;
    this.#scratch = this.#key + KEY_SIZE;
  }

  seal(
    first: number,
    rest: Uint8Array,
    into: Uint8Array,
    at: number,
    nonce: Uint8Array,
    key: Uint8Array,
  ): void {
    const size = BOX_HEAD + 1 + rest.byteLength;
    const box = this.#take(size);
    const memory = this.#prepare(nonce, key);
    const plain = box + BOX_HEAD;
    memory[plain] = first;
    memory.set(rest, plain + 1);
    this.#sodium._crypto_secretbox_easy(
      box,
      plain,
      size - BOX_HEAD,
      0,
      this.#nonce,
      this.#key,
    );
    into.set(memory.subarray(box, box + size), at);
    this.#give(box);
  }

  open(
    bytes: Uint8Array,
    at: number,
    nonce: Uint8Array,
    key: Uint8Array,
  ): boolean {
    const size = bytes.byteLength - at;
    const box = this.#take(size);
    const memory = this.#prepare(nonce, key);
    memory.set(at === 0 ? bytes : bytes.subarray(at), box);
    const plain = box + BOX_HEAD;
    const result = this.#sodium._crypto_secretbox_open_easy(
      plain,
      box,
      size,
      0,
      this.#nonce,
      this.#key,
    );
    if (result === 0) {
      bytes.set(memory.subarray(plain, box + size), at + BOX_HEAD);
    }
    this.#give(box);
    return result === 0;
  }

  /** Copies nonce and key into the memory; after `#take`, which may replace the array. */
  #prepare(nonce: Uint8Array, key: Uint8Array): Uint8Array {
    const memory = this.#sodium.HEAPU8;
    memory.set(nonce, this.#nonce);
    if (this.#present !== key) {
      memory.set(key, this.#key);
      this.#present = key;
    }
    return memory;
  }

  #take(size: number): number {
    return size <= SCRATCH_SIZE ? this.#scratch : this.#allocate(size);
  }

  #give(box: number): void {
    if (box !== this.#scratch) this.#sodium._free(box);
  }

  #allocate(size: number): number {
    let cause: unknown;
    try {
      const address = this.#sodium._malloc(size);
      if (address !== 0) return address;
    } catch (error) {
      cause = error; // where the memory cannot grow
    }
    throw new ZmqError(
      "EMSGSIZE",
      `Cannot encrypt or decrypt a frame of ${size} bytes with CURVE: libsodium is out of memory`,
      cause === undefined ? {} : { cause },
    );
  }
}

/** What is used of the package `sodium-native`. */
export interface NativeSodium {
  crypto_secretbox_easy(
    box: Uint8Array,
    plain: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): void;
  crypto_secretbox_open_easy(
    plain: Uint8Array,
    box: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): boolean;
}

/**
 * Up to this size WebAssembly makes boxes faster, as a native call has its own
 * cost: 64 B took 0.45, 0.46 and 0.41 µs instead of 0.65, 1.17 and 0.72 (Node
 * 20, Deno 2.9, Bun 1.4), 512 B 1.3 instead of 1.6 (Node), 64 KiB 200 instead
 * of 35.
 */
const SMALL_BOX = 512;

/** Boxes made by `sodium-native`, right in the memory of the frame; small ones by WebAssembly. */
export class NativeBox implements FrameBox {
  readonly #sodium: NativeSodium;
  readonly #small: FrameBox;
  readonly #smallSize: number;

  /**
   * @param small Makes the boxes for which a native call does not pay.
   * @param smallSize Up to how many bytes these have.
   */
  constructor(sodium: NativeSodium, small: FrameBox, smallSize = SMALL_BOX) {
    this.#sodium = sodium;
    this.#small = small;
    this.#smallSize = smallSize;
  }

  seal(
    first: number,
    rest: Uint8Array,
    into: Uint8Array,
    at: number,
    nonce: Uint8Array,
    key: Uint8Array,
  ): void {
    const size = BOX_HEAD + 1 + rest.byteLength;
    if (size <= this.#smallSize) {
      return this.#small.seal(first, rest, into, at, nonce, key);
    }
    const plain = at + BOX_HEAD;
    into[plain] = first;
    into.set(rest, plain + 1);
    this.#sodium.crypto_secretbox_easy(
      viewOf(into, at, at + size),
      viewOf(into, plain, at + size),
      nonce,
      key,
    );
  }

  open(
    bytes: Uint8Array,
    at: number,
    nonce: Uint8Array,
    key: Uint8Array,
  ): boolean {
    const end = bytes.byteLength;
    if (end - at <= this.#smallSize) {
      return this.#small.open(bytes, at, nonce, key);
    }
    return this.#sodium.crypto_secretbox_open_easy(
      viewOf(bytes, at + BOX_HEAD, end),
      viewOf(bytes, at, end),
      nonce,
      key,
    );
  }
}

/** A part of an array, for a call only: without the class of received frames. */
function viewOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
}
