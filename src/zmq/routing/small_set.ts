/**
 * Layer: routing. A set that mostly has one member, in no particular order. For
 * a single member it needs no `Set`, which takes about 150 bytes more (V8); peers
 * decide how many of these there are.
 *
 * @module
 */

/** A set that its reader must not change. */
export type ReadonlySmallSet<T> = Pick<SmallSet<T>, "has" | "forEach">;

/** A set of objects. */
export class SmallSet<T> {
  /** The member in place of a `Set`; `undefined` if that place is free. */
  #first: T | undefined = undefined;
  /** The other members, if there have been any. */
  #others: Set<T> | undefined = undefined;

  /** Whether it has no members. */
  get isEmpty(): boolean {
    return this.#first === undefined && (this.#others?.size ?? 0) === 0;
  }

  /** Whether this is a member. */
  has(one: T): boolean {
    return this.#first === one || (this.#others?.has(one) ?? false);
  }

  /** Adds a member, unless it is there already. */
  add(one: T): void {
    const isFree = this.#first === undefined && !this.#others?.has(one);
    if (isFree || this.#first === one) this.#first = one;
    else (this.#others ??= new Set()).add(one);
  }

  /** Removes a member; returns whether it was there. */
  delete(one: T): boolean {
    if (this.#first !== one) return this.#others?.delete(one) ?? false;
    this.#first = undefined;
    return true;
  }

  /** Calls back for each member. */
  forEach(found: (one: T) => void): void {
    if (this.#first !== undefined) found(this.#first);
    this.#others?.forEach(found);
  }

  /** A copy of all members. */
  values(): T[] {
    const others = this.#others ?? [];
    return this.#first === undefined ? [...others] : [this.#first, ...others];
  }
}
