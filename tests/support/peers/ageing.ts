/**
 * Test support. Makes peers look old: in the middle of a connection, one byte
 * of a greeting of ZMTP 3 is altered, and its receiver takes the other side
 * for one that knows no more than ZMTP 2.0 or 1.0. libzmq comes down to that by
 * itself, so two new peers speak the old version to each other in earnest.
 *
 * @module
 */
import { Relay } from "./relay.ts";

/** What a peer is made to look like; 1.0 has a greeting, or none as libzmq 2. */
export type Age = "2.0" | "1.0" | "1.0 without a greeting";

/** All of them. */
export const AGES: readonly Age[] = ["2.0", "1.0", "1.0 without a greeting"];

/** Which byte of the greeting is altered, and what it becomes. */
const ALTERED: Readonly<Record<Age, readonly [at: number, value: number]>> = {
  "2.0": [10, 1],
  "1.0": [10, 0],
  "1.0 without a greeting": [9, 0], // the flags in the header of an identity
};

/** What a peer of ZMTP 3 says, as an old one would. @param offset How many bytes it has said before. */
export function aged(chunk: Uint8Array, age: Age, offset = 0): Uint8Array {
  const [at, value] = ALTERED[age];
  const index = at - offset;
  if (index < 0 || index >= chunk.byteLength) return chunk;
  const altered = new Uint8Array(chunk);
  altered[index] = value;
  return altered;
}

/** A side of a connection. */
export type Side = "client" | "server";

/** A relay that makes those who talk through it look old, and keeps what they say. */
export class Ageing implements AsyncDisposable {
  readonly #relay: Relay;
  readonly #said: Readonly<Record<Side, Uint8Array[]>>;

  private constructor(relay: Relay, said: Record<Side, Uint8Array[]>) {
    this.#relay = relay;
    this.#said = said;
  }

  /** Starts to relay to `target`. @param whose Who is made to look old. */
  static async start(
    target: string,
    age: Age,
    whose: readonly Side[] = ["client", "server"],
  ): Promise<Ageing> {
    const said = { client: [] as Uint8Array[], server: [] as Uint8Array[] };
    const relay = await Relay.start(target, (chunk, isClient, offset) => {
      const side = isClient ? "client" : "server";
      said[side].push(chunk);
      return whose.includes(side) ? aged(chunk, age, offset) : chunk;
    });
    return new Ageing(relay, said);
  }

  /** Where clients connect to. */
  get endpoint(): string {
    return this.#relay.endpoint;
  }

  /** All that one side has said so far, one character a byte. */
  said(side: Side): string {
    let text = "";
    for (const chunk of this.#said[side]) {
      for (const byte of chunk) text += String.fromCharCode(byte);
    }
    return text;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#relay[Symbol.asyncDispose]();
  }
}
