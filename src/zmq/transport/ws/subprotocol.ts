/**
 * Layer: transport. The WebSocket subprotocols of ZeroMQ (RFC 45), and which of
 * them a socket uses.
 *
 * @module
 */
import { protectionOf } from "../../options/protection.ts";
import type { WireOptions } from "../wire.ts";

/** A mechanism of security. */
export type MechanismName = "NULL" | "PLAIN" | "CURVE";

/** How peers begin: with the commands of a mechanism, or with a routing id and no mechanism. */
export type DialectName = "commands" | "routing id";

/** The name without a mechanism, which is all that browsers can offer. */
export const BARE = "ZWS2.0";

/** What is spoken on one connection. */
export interface Subprotocol {
  readonly name: string;
  readonly mechanism: MechanismName;
  /** A client speaks the first one, a server what the client begins with. */
  readonly dialects: readonly DialectName[];
}

/** The dialects of servers that were found to speak another one; each address has options of its own. */
const foundDialects: WeakMap<WireOptions, DialectName> = new WeakMap();

/** The server at an address speaks a dialect under the bare name, whatever it agrees on. */
export function rememberDialect(
  options: WireOptions,
  dialect: DialectName,
): void {
  foundDialects.set(options, dialect);
}

/** The subprotocols that a socket speaks, the best one first. */
export function subprotocolsOf(
  options: WireOptions,
  isBound: boolean,
): Subprotocol[] {
  const { mechanism: protectedBy, authenticatesPeers } = protectionOf(
    options,
    isBound,
  );
  const mechanism = protectedBy === null
    ? "NULL"
    : protectedBy === "plain"
    ? "PLAIN"
    : "CURVE";
  const named: Subprotocol = {
    name: `${BARE}/${mechanism}`,
    mechanism,
    dialects: ["commands"],
  };
  const isOpen = mechanism === "NULL" && !authenticatesPeers;
  const found = foundDialects.get(options);
  const dialects = found !== undefined
    ? [found]
    : isOpen
    ? ["routing id", "commands"] as const
    : ["commands"] as const;
  const bare: Subprotocol = { name: BARE, mechanism, dialects };
  return found === undefined ? [named, bare] : [bare];
}

/** Whether a subprotocol is the one without a mechanism in its name. */
export function isBare({ name }: Subprotocol): boolean {
  return name === BARE;
}
