/**
 * Layer: zmtp. The mechanism of a connection in a browser, which is always the
 * client. PLAIN and CURVE are loaded when the first socket needs them.
 *
 * @module
 */
import { ZmqError } from "../../errors.ts";
import type { CurveClient } from "./curve_client.ts";
import type { Mechanism, OwnProperties } from "./mechanism.ts";
import { NullMechanism } from "./null.ts";
import type { PlainClient } from "./plain.ts";
import type { Security } from "./security.ts";

export type { Security };

let Curve: typeof CurveClient | undefined;
let Plain: typeof PlainClient | undefined;

/** Whether peers are authenticated. */
export function isProtected({ type }: Security): boolean {
  return type !== "null";
}

/** Loads what the mechanism needs, if anything. */
export async function loadSecurity({ type }: Security): Promise<void> {
  if (type === "plain-client") Plain = (await import("./plain.ts")).PlainClient;
  if (type !== "curve-client") return;
  const [{ CurveClient }, { loadSodium }] = await Promise.all([
    import("./curve_client.ts"),
    import("./sodium.ts"),
  ]);
  await loadSodium();
  Curve = CurveClient;
}

/** Creates the mechanism of one connection. */
export function createMechanism(
  security: Security,
  properties: OwnProperties,
): Mechanism {
  switch (security.type) {
    case "null":
      return new NullMechanism(properties, false);
    case "plain-client":
      return new Plain!(
        properties,
        security.username,
        security.password,
      );
    case "curve-client":
      return new Curve!(properties, security.keys);
    default:
      throw new ZmqError("ENOTSUP", "A browser authenticates no peers");
  }
}
