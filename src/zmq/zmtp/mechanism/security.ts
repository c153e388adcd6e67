/**
 * Layer: zmtp. The security settings of a socket, and the mechanism that they
 * give on one connection.
 *
 * @module
 */
import type { Mechanism, OwnProperties } from "./mechanism.ts";
import { CurveClient, type CurveClientKeys } from "./curve_client.ts";
import { CurveServer } from "./curve_server.ts";
import { NullMechanism } from "./null.ts";
import { PlainClient, PlainServer } from "./plain.ts";
import { loadSodium } from "./sodium.ts";

/** How a socket protects its connections. */
export type Security =
  | { readonly type: "null"; readonly authenticatesPeers: boolean }
  | { readonly type: "plain-server" }
  | {
    readonly type: "plain-client";
    readonly username: string;
    readonly password: string;
  }
  | { readonly type: "curve-server"; readonly secretKey: Uint8Array }
  | { readonly type: "curve-client"; readonly keys: CurveClientKeys };

/** Whether peers are authenticated, by the mechanism or otherwise. */
export function isProtected(security: Security): boolean {
  return security.type !== "null" || security.authenticatesPeers;
}

/** Loads what the mechanism needs, if anything. */
export async function loadSecurity(security: Security): Promise<void> {
  if (security.type.startsWith("curve")) await loadSodium();
}

/** Creates the mechanism of one connection. */
export function createMechanism(
  security: Security,
  properties: OwnProperties,
): Mechanism {
  switch (security.type) {
    case "null":
      return new NullMechanism(properties, security.authenticatesPeers);
    case "plain-server":
      return new PlainServer(properties);
    case "plain-client":
      return new PlainClient(
        properties,
        security.username,
        security.password,
      );
    case "curve-server":
      return new CurveServer(properties, security.secretKey);
    case "curve-client":
      return new CurveClient(properties, security.keys);
  }
}
