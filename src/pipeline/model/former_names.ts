/**
 * Layer: pipeline/model. What an earlier release called something else: a
 * payload was `instructions`, as in AgentZero's guide. The former name goes on
 * working wherever a program or a peer of that release may use it.
 *
 * @module
 */
import { invalid } from "./check.ts";

/** Gives a record its deprecated member `instructions`; it is not enumerable, so it is neither printed nor copied. */
export function withInstructions<T extends { readonly payload?: unknown }>(
  record: T,
): T {
  return Object.defineProperty(record, "instructions", FORMER);
}

const FORMER: PropertyDescriptor = {
  get(this: { readonly payload?: unknown }): unknown {
    return this.payload;
  },
  configurable: true,
};

/**
 * The payload that a caller gave, under either name.
 *
 * @param what Was given it, for an error text.
 * @throws {PipelineError} `ERR_PIPELINE_INVALID` if both names are given.
 */
export function givenPayload<T>(
  { payload, instructions }: {
    readonly payload?: T;
    readonly instructions?: T;
  },
  what: string,
): T | undefined {
  if (payload !== undefined && instructions !== undefined) {
    throw invalid(
      `${what} has both payload and instructions: instructions is the deprecated name of payload`,
    );
  }
  return payload === undefined ? instructions : payload;
}

/** The object with a member under another name, in the same place. */
export function renameMember(
  value: object,
  from: string,
  to: string,
): Record<string, unknown> {
  const renamed: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const held = (value as Record<string, unknown>)[name];
    setMember(renamed, name === from ? to : name, held);
  }
  return renamed;
}

/** Sets a member of an object, whatever its name: `__proto__` is a member, too. */
export function setMember(
  object: Record<string, unknown>,
  name: string,
  value: unknown,
): void {
  if (name !== "__proto__") {
    object[name] = value;
    return;
  }
  Object.defineProperty(object, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}
