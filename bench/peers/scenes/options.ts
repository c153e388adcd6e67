/**
 * Benchmark peers. Socket options out of the arguments that all scenes know:
 * `hwm=0`, and for CURVE `server_secret=`, or `server_key=`, `public=` and
 * `secret=`.
 *
 * @module
 */
import type { Arguments } from "../support.ts";

/** For a socket that receives. */
export function receiverOptions(args: Arguments): {
  receiveHighWaterMark?: number;
  curveServer?: boolean;
  curveSecretKey?: string;
} {
  return {
    ...args.has("hwm") ? { receiveHighWaterMark: args.number("hwm") } : {},
    ...args.has("server_secret")
      ? { curveServer: true, curveSecretKey: args.text("server_secret") }
      : {},
  };
}

/** For a socket that sends. */
export function senderOptions(args: Arguments): {
  sendHighWaterMark?: number;
  curveServerKey?: string;
  curvePublicKey?: string;
  curveSecretKey?: string;
} {
  return {
    ...args.has("hwm") ? { sendHighWaterMark: args.number("hwm") } : {},
    ...args.has("server_key")
      ? {
        curveServerKey: args.text("server_key"),
        curvePublicKey: args.text("public"),
        curveSecretKey: args.text("secret"),
      }
      : {},
  };
}
