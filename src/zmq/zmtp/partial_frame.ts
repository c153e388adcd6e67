/**
 * Layer: zmtp. A large frame of which only a part has arrived.
 *
 * Its pieces are collected in a list until there is a quarter of it, and from
 * then on copied into its own memory one by one. So it takes at most four times
 * the memory of what has arrived, whatever size its header announces, and a
 * piece is copied while the processor still has it in its cache.
 *
 * @module
 */
import { allocate, concat } from "../bytes.ts";

/** Pieces are joined up to this size, as each of them would take many times its own. */
const SMALL = 8192;
/** How many times the size of what has arrived a frame may reserve. */
const MOST_RESERVED = 4;

/** Collects the bytes of one frame. */
export class PartialFrame {
  readonly #size: number;
  #arrived = 0;
  #pieces: Uint8Array[] = [];
  #whole: Uint8Array | undefined;

  /** @param size The size of the whole frame, in bytes. */
  constructor(size: number) {
    this.#size = size;
  }

  /** How many bytes have still to arrive. */
  get missing(): number {
    return this.#size - this.#arrived;
  }

  /**
   * Adds the next bytes, at most as many as are missing.
   *
   * @returns The frame, once it is complete.
   */
  add(piece: Uint8Array): Uint8Array | undefined {
    const before = this.#arrived;
    this.#arrived += piece.byteLength;
    if (this.#whole === undefined) {
      if (this.#size > MOST_RESERVED * this.#arrived) {
        this.#keep(piece);
        return undefined;
      }
      this.#reserve();
    }
    this.#whole!.set(piece, before);
    return this.missing === 0 ? this.#whole : undefined;
  }

  #reserve(): void {
    const whole = this.#whole = allocate(this.#size);
    let at = 0;
    for (const piece of this.#pieces) {
      whole.set(piece, at);
      at += piece.byteLength;
    }
    this.#pieces = [];
  }

  #keep(piece: Uint8Array): void {
    const pieces = this.#pieces;
    const last = pieces.at(-1);
    const isJoined = last !== undefined &&
      last.byteLength + piece.byteLength <= SMALL;
    if (isJoined) pieces[pieces.length - 1] = concat([last, piece]);
    else pieces.push(piece);
  }
}
