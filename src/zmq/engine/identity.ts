/**
 * Layer: engine. What a handshake proves about the peer.
 *
 * @module
 */
import type { OptionValues } from "../options/values.ts";
import type { PeerIdentity } from "../peer_identity.ts";
import { z85Encode } from "../z85.ts";
import type { Credentials } from "../zmtp/mechanism/mechanism.ts";

/** The identity of an authenticated client; `undefined` unless it has a key. */
export function identityOf(credentials: Credentials): PeerIdentity | undefined {
  return credentials.mechanism === "CURVE"
    ? { publicKey: z85Encode(credentials.publicKey) }
    : undefined;
}

/** The identity of the CURVE server that a socket with these options connects to, or accepts. */
export function serverIdentityOf(
  { curveServerKey }: Readonly<OptionValues>,
): PeerIdentity | undefined {
  return curveServerKey === null ? undefined : { publicKey: curveServerKey };
}
