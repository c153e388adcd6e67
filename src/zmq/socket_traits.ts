/**
 * Layer: zmq, bottom. The rows of `socket_types.ts` with their defaults, by
 * number. Where the engine treats some types differently, it decides by these
 * instead of by lists of types.
 *
 * @module
 */
import {
  SOCKET_TYPES,
  type SocketType,
  type SocketTypeName,
  type SocketTypeRow,
} from "./socket_types.ts";

/** The properties of a socket type. */
export interface SocketTraits extends Required<SocketTypeRow> {
  readonly number: SocketType;
  /** The name in the `Socket-Type` property of READY (RFC 37). */
  readonly name: SocketTypeName;
}

type Mandatory = "number" | "className" | "rfc" | "peers";

/** The defaults of a row. */
const DEFAULTS: Required<Omit<SocketTypeRow, Mandatory>> = {
  isDraft: false,
  sends: false,
  receives: false,
  turns: null,
  mustSendFirst: false,
  publishes: null,
  subscribes: null,
  frames: "many",
  address: "nothing",
  incoming: "any",
  datagrams: "never",
  isRaw: false,
  connectsOnce: false,
  sendsRoutingId: false,
  oldNumber: null,
  afterReconnect: "send",
  options: [],
};

/** Every socket type, in the order of the table. */
export const ALL_TRAITS: readonly SocketTraits[] = Object.entries(SOCKET_TYPES)
  .map(([name, row]) => ({
    ...DEFAULTS,
    ...row,
    name: name as SocketTypeName,
  }));

const BY_NUMBER: SocketTraits[] = [];
for (const traits of ALL_TRAITS) BY_NUMBER[traits.number] = traits;

/** The properties of a type. */
export function traitsOf(type: SocketType): SocketTraits {
  return BY_NUMBER[type]!;
}

/** The same for a number that may be that of another library's type. */
export function findTraits(type: number): SocketTraits | undefined {
  return BY_NUMBER[type];
}

/** The types that meet a condition, in the order of the table. */
export function typesWhere(
  isMeant: (traits: SocketTraits) => boolean,
): SocketType[] {
  return ALL_TRAITS.filter(isMeant).map(({ number }) => number);
}

/** Whether a socket of `type` is compatible with a peer of type `peer` (RFC 37, "The Socket-Type Property"). */
export function isCompatible(type: SocketType, peer: string): boolean {
  return traitsOf(type).peers.includes(peer);
}
