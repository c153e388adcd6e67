/**
 * Layer: engine. Authenticates peers: by the socket's list of public keys, by
 * its callback, or by the context's ZAP handler, in this order. Without any of
 * these, PLAIN is refused, as nothing would check its password; with
 * `zapEnforceDomain` and a `zapDomain`, every peer is refused; every other peer
 * is accepted, as in libzmq.
 *
 * @module
 */
import type { AuthRequest } from "../auth.ts";
import type { OptionValues } from "../options/values.ts";
import type { Credentials, Verdict } from "../zmtp/mechanism/mechanism.ts";
import { z85Encode } from "../z85.ts";
import { routingIdOf, type SocketCore } from "./socket_core.ts";
import type { ZapClient, ZapRequest } from "./zap.ts";

const ACCEPT: Verdict = { status: 200, text: "OK" };
const REFUSE: Verdict = { status: 400, text: "Not allowed" };

/** Authenticates a peer of a socket. Never rejects. */
export function authenticatePeer(
  core: SocketCore,
  credentials: Credentials,
  address: string,
  zap: ZapClient,
  signal: AbortSignal,
): Promise<Verdict> {
  const { options } = core;
  const routingId = routingIdOf(core);
  const domain = options.zapDomain ?? "";
  const request = { domain, address, routingId, credentials };
  return verdictOn(request, options, zap, signal);
}

async function verdictOn(
  request: ZapRequest,
  options: Readonly<OptionValues>,
  zap: ZapClient,
  signal: AbortSignal,
): Promise<Verdict> {
  const { credentials } = request;
  const { curveAllowedKeys, authenticate } = options;
  if (credentials.mechanism === "CURVE" && curveAllowedKeys !== null) {
    const isListed = curveAllowedKeys.includes(
      z85Encode(credentials.publicKey),
    );
    if (!isListed) return REFUSE;
    if (authenticate === null) return ACCEPT;
  }
  if (authenticate !== null) {
    try {
      const { address } = request;
      const isAccepted = await authenticate(
        toAuthRequest(credentials, address),
      );
      return isAccepted === true ? ACCEPT : REFUSE;
    } catch (error) {
      return {
        status: 500,
        text: `The authenticate callback failed: ${error}`,
      };
    }
  }
  if (zap.hasHandler) return zap.ask(request, signal);
  if (request.domain !== "" && options.zapEnforceDomain) return REFUSE;
  return credentials.mechanism === "PLAIN" ? REFUSE : ACCEPT;
}

function toAuthRequest(
  credentials: Credentials,
  address: string,
): AuthRequest {
  switch (credentials.mechanism) {
    case "NULL":
      return { mechanism: "NULL", address };
    case "PLAIN": {
      const { username, password } = credentials;
      return { mechanism: "PLAIN", address, username, password };
    }
    case "CURVE": {
      const publicKey = z85Encode(credentials.publicKey);
      return { mechanism: "CURVE", address, publicKey };
    }
  }
}
