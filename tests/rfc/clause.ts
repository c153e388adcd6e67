/**
 * Test support. What a row of the index of RFC clauses looks like. The rows are
 * in the files beside this one, a file for each RFC; `scripts/check_rfc.ts`
 * holds them against the tests and makes `docs/rfcs.md` of them.
 *
 * The clauses are told in our own words: an RFC itself has the last one.
 *
 * @module
 */

/** How strongly an RFC asks for something (RFC 2119). */
export type Level =
  | "SHALL"
  | "SHALL NOT"
  | "MUST"
  | "MUST NOT"
  | "SHOULD"
  | "MAY";

/**
 * A test that shows a clause: its file; its title, as it stands in the source;
 * and, of a test that is made for many cases, what the case is called there.
 */
export type TestRef = readonly [file: string, title: string, example?: string];

/**
 * One clause. Without `differs`, `outside` or `unseen` it holds and must have a
 * test: one that is named here, or one whose title begins with its id in
 * brackets.
 */
export interface Clause {
  /** Ours, and stable: the number of the RFC, a topic, a number. */
  readonly id: string;
  readonly level: Level;
  /** What is asked, in short. */
  readonly says: string;
  /** RFC 23 asks for it, too. */
  readonly isIn23?: boolean;
  /** Tests that show it, beside those that bear its id. */
  readonly tests?: readonly TestRef[];
  /** What we do instead, and why; tests may show that. */
  readonly differs?: string;
  /** Why it is no matter of this library. */
  readonly outside?: string;
  /** It holds, but nothing can be seen of it from outside: where it is done. */
  readonly unseen?: string;
}

/** The clauses of one section of an RFC. */
export interface Section {
  readonly title: string;
  readonly clauses: readonly Clause[];
}

/** The clauses of one RFC. */
export interface Rfc {
  readonly number: number;
  readonly name: string;
  /** What a reader should know first. */
  readonly note?: string;
  readonly sections: readonly Section[];
}
