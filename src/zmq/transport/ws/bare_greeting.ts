/**
 * Layer: transport. The greeting of ZMTP 2.0 that a peer has in the dialect
 * without a mechanism, where none is sent: signature, revision, socket type.
 *
 * @module
 */

/** The signature with which every greeting begins. */
export const SIGNATURE: Uint8Array = Uint8Array.of(
  ...[0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f],
);
/** The size of a whole greeting of ZMTP 2.0. */
export const OLD_GREETING_SIZE = 12;
const OLD_REVISION = 1;

/** The type, by its number in ZMTP 2.0, that a peer of each type has: PAIR, SUB, PUB, ROUTER, REQ, ROUTER, DEALER, PUSH, PULL. */
const PARTNERS: readonly number[] = [0, 2, 1, 6, 3, 6, 5, 8, 7];

/** The greeting, except for the socket type. */
export function bareGreeting(): Uint8Array {
  return Uint8Array.of(...SIGNATURE, OLD_REVISION);
}

/** A socket type that fits another one; both by their numbers. */
export function partnerOf(type: number): number {
  return PARTNERS[type] ?? type;
}
