/**
 * Test support. What an attack of the siege is.
 *
 * @module
 */
import type { Raider } from "../raider.ts";

/** Where the victims are. */
export interface Places {
  /** The sockets of the program that is nothing but sockets. */
  readonly router: string;
  readonly xpub: string;
  readonly pull: string;
  /** The sockets of the pipeline. */
  readonly requests: string;
  readonly results: string;
  readonly events: string;
  readonly feed: string;
  /** Where its worker takes jobs. */
  readonly worker: string;
  /** Its dashboard: `http://127.0.0.1:…`. */
  readonly url: string;
}

/** What an attack had done to it: nothing, or its connection was ended. */
export type Outcome = "passed" | "cut";

/** One kind of attack. */
export interface Attack {
  readonly name: string;
  /** Does it once; a connection that is refused or broken is no error. */
  readonly once: (places: Places) => Promise<Outcome>;
}

/** Whether it was cut off, once what it sent has been looked at. */
export async function after(raider: Raider, ms = 300): Promise<Outcome> {
  await raider.linger(ms);
  return raider.isCut ? "cut" : "passed";
}

/** Takes turns, so that attacks hit at other moments each time. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
