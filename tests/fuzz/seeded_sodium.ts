/**
 * Test support. libsodium without chance: its random numbers and new keys come
 * from a seed, so that what was said over CURVE can be said again. What is
 * calculated stays libsodium's; results that cost much are remembered.
 *
 * @module
 */
import { bytesKey } from "../../src/zmq/bytes.ts";
import type { KeyPair } from "../../src/zmq/zmtp/mechanism/curve_box.ts";
import { loadSodium, sodium } from "../../src/zmq/zmtp/mechanism/sodium.ts";
import { Random } from "./random.ts";

await loadSodium();

type Replaced =
  | "crypto_box_keypair"
  | "randombytes_buf"
  | "crypto_scalarmult_base"
  | "crypto_box_beforenm";
type Functions = Record<Replaced, (...args: never[]) => unknown>;

const real = sodium();
const functions = real as unknown as Functions;
const originals: Functions = {
  crypto_box_keypair: functions.crypto_box_keypair,
  randombytes_buf: functions.randombytes_buf,
  crypto_scalarmult_base: functions.crypto_scalarmult_base,
  crypto_box_beforenm: functions.crypto_box_beforenm,
};
const base = real.crypto_scalarmult_base.bind(real);
const beforeNm = real.crypto_box_beforenm.bind(real);

/** More results than these are not remembered. */
const MOST = 4096;
const remembered = new Map<string, Uint8Array>();

const seeds = Random.of(0x6b657973);
const pairs = Array.from({ length: 16 }, () => {
  const seed = new Uint8Array(32);
  seeds.fill(seed);
  return real.crypto_box_seed_keypair(seed);
});

let source = seeds;

/** The long-term keys of the server and of the client. */
export const SERVER: KeyPair = keyPair(0);
export const CLIENT: KeyPair = keyPair(1);

/** Takes random numbers from there. */
export function drawFrom(random: Random): void {
  source = random;
}

/** Takes chance out of libsodium; returns what puts it back. */
export function withoutChance(): () => void {
  functions.crypto_box_keypair = () => source.pick(pairs);
  functions.randombytes_buf = (size: number) => {
    const bytes = new Uint8Array(size);
    source.fill(bytes);
    return bytes;
  };
  functions.crypto_scalarmult_base = (secretKey: Uint8Array) =>
    remember(bytesKey(secretKey), () => base(secretKey));
  functions.crypto_box_beforenm = (
    publicKey: Uint8Array,
    secretKey: Uint8Array,
  ) =>
    remember(
      bytesKey(publicKey) + bytesKey(secretKey),
      () => beforeNm(publicKey, secretKey),
    );
  return () => {
    Object.assign(functions, originals);
  };
}

function remember(key: string, calculate: () => Uint8Array): Uint8Array {
  let result = remembered.get(key);
  if (result === undefined) {
    result = calculate();
    if (remembered.size < MOST) remembered.set(key, result);
  }
  return result;
}

function keyPair(index: number): KeyPair {
  const { publicKey, privateKey } = pairs[index]!;
  return { publicKey, secretKey: privateKey };
}
