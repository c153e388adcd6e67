/**
 * Layer: routing. A set that mostly has one member. For a single member it
 * needs no `Set`, which takes about 150 bytes more (V8); peers decide how many
 * of these there are.
 *
 * @module
 */

/** A set that its reader must not change. */
export type ReadonlySmallSet<T> = Pick<SmallSet<T>, "has" | "forEach">;

/** A set of objects. */
export class SmallSet<T> {
  #first: T | undefined = undefined;
  /** The other members, if there are any. */
  #others: Set<T> | undefined = undefined;

  /** Whether it has no members. */
  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  /** Whether this is a member. */
  has(one: T): boolean {
    return this.#first === one || (this.#others?.has(one) ?? false);
  }

  /** Adds a member, unless it is there already. */
  add(one: T): void {
    if (this.#first === undefined) this.#first = one;
    else if (this.#first !== one) {
      this.#others ??= new Set();
      this.#others.add(one);
    }
  }

  /** Removes a member; returns whether it was there. */
  delete(one: T): boolean {
    const others = this.#others;
    if (this.#first !== one) return others?.delete(one) ?? false;
    const next = others?.values().next();
    if (next === undefined || next.done) this.#first = undefined;
    else {
      this.#first = next.value;
      others!.delete(next.value);
    }
    return true;
  }

  /** Calls back for each member. */
  forEach(found: (one: T) => void): void {
    if (this.#first === undefined) return;
    found(this.#first);
    this.#others?.forEach(found);
  }
}
