/**
 * Test support. The clauses of the ZeroMQ RFCs, one file for each RFC, in our
 * own words; the text of the RFC prevails. A test says which clauses it shows in
 * a comment right above it, or above one of its cases:
 *
 *     // RFC 28.REQ.2, 28.REQ.3
 *     test("...", ...)
 *
 * `scripts/check_rfc.ts` checks that every clause has a test or a reason, and
 * generates `docs/rfcs.md` from both.
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
 * One clause. Unless it says `differs`, `outside` or `unseen`, it holds, and some
 * test must name its id.
 */
export interface Clause {
  /** Stable: the number of the RFC, a topic, a number. The ids are ours. */
  readonly id: string;
  readonly level: Level;
  /** What the RFC requires, in short. */
  readonly says: string;
  /** Whether RFC 23 requires it, too. */
  readonly isIn23?: boolean;
  /** What we do instead, and why. Tests may show it. */
  readonly differs?: string;
  /** Why it does not concern this library. */
  readonly outside?: string;
  /** It holds, but cannot be observed from outside: where the code does it. */
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
  /** A remark to stand above the clauses. */
  readonly note?: string;
  readonly sections: readonly Section[];
}
