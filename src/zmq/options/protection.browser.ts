/**
 * Layer: options. The protection that security options give an address in a
 * browser, which is always the client: it authenticates no peers.
 *
 * @module
 */
import { ArgumentError, ZmqError } from "../errors.ts";
import type { Protection } from "./protection.ts";
import type { OptionName, OptionValues } from "./values.ts";

export type { Protection };

type Options = Readonly<OptionValues>;

/** The protection of an address that is connected with these options. */
export function protectionOf(options: Options): Protection {
  return {
    mechanism: options.curveServerKey !== null
      ? "curve"
      : options.plainUsername !== null
      ? "plain"
      : null,
    authenticatesPeers: false,
    isBound: false,
  };
}

/** The weakest mechanism of several addresses; without any, the one that the options select. */
export function mechanismOf(
  options: Options,
  existing: readonly Protection[],
): Protection["mechanism"] {
  const all = existing.length > 0 ? existing : [protectionOf(options)];
  const mechanisms = all.map(({ mechanism }) => mechanism);
  if (mechanisms.includes(null)) return null;
  return mechanisms.includes("plain") ? "plain" : "curve";
}

/** What each option of a client needs to have any effect. */
const NEEDS: Partial<Record<OptionName, OptionName>> = {
  curveSecretKey: "curveServerKey",
  curvePublicKey: "curveServerKey",
  plainPassword: "plainUsername",
};

/**
 * Rejects combinations of security options that protect nothing.
 *
 * @throws {ZmqError} `EINVAL`.
 */
export function requireEffect(options: Options): void {
  for (const [name, needed] of Object.entries(NEEDS)) {
    const isSet = options[name as OptionName] !== null;
    if (!isSet || options[needed] !== null) continue;
    throw new ZmqError(
      "EINVAL",
      `The option ${name} has no effect without ${needed}`,
    );
  }
}

/**
 * Rejects a security option that is set too late: existing connections would
 * continue without it.
 *
 * @throws {ZmqError} `EINVAL`.
 */
export function requireNotTooLate(
  name: OptionName,
  value: unknown,
  existing: readonly Protection[],
): void {
  const needed = name.startsWith("curve") && name !== "curveMaxFrameSize"
    ? "curve"
    : name.startsWith("plain")
    ? "plain"
    : undefined;
  if (needed === undefined || value === null || value === false) return;
  if (existing.every(({ mechanism }) => mechanism === needed)) return;
  throw new ArgumentError(
    `The option ${name} must be set before connect: existing connections would continue without it`,
  );
}
