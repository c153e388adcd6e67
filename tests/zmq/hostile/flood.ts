/**
 * Hostile peers. Sending without end, and telling without a clock that nothing
 * is taken any more.
 *
 * @module
 */
import type { FakePeer } from "../../support/fake_peer.ts";
import { bytes } from "../../support/peers/zmtp_bytes.ts";

/** Bytes. */
export const KIB = 1024;
/** Bytes. */
export const MIB: number = 1024 * KIB;
/** Far above what the system's own buffers hold. */
export const TOO_MUCH: number = 64 * MIB;
/** If nothing is taken for so many exchanges with somebody else, nothing will be. */
const PATIENCE = 30;

/** An exchange with another peer, the unit of time here. */
export type Turn = () => Promise<void>;

/** The engine goes on taking. */
export class TooMuchError extends Error {
  override readonly name = "TooMuchError";

  constructor() {
    super(`The engine took ${TOO_MUCH} bytes, and wants more`);
  }
}

/**
 * Sends until the engine takes no more.
 *
 * @returns how many bytes the engine, and the system, took
 * @throws {TooMuchError} when that is too much
 */
export async function floodUntilStalled(
  attacker: FakePeer,
  chunk: Uint8Array,
  turn: Turn,
): Promise<number> {
  for (let sent = 0; sent < TOO_MUCH; sent += chunk.byteLength) {
    let isTaken = false;
    const taken = () => void (isTaken = true);
    void attacker.send(chunk).then(taken, taken);
    for (let i = 0; i < PATIENCE && !isTaken; i++) await turn();
    if (!isTaken) return sent;
  }
  throw new TooMuchError();
}

/** Lets enough time pass for all that can go on by itself. */
export async function settle(turn: Turn): Promise<void> {
  for (let i = 0; i < PATIENCE; i++) await turn();
}

/** The unit, as often as it takes to reach the size. */
export function repeated(unit: Uint8Array, sizeBytes: number): Uint8Array {
  const count = Math.ceil(sizeBytes / unit.byteLength);
  return bytes(...Array.from({ length: count }, () => unit));
}
