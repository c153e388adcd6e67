/**
 * Layer: engine. Decides who may come in: by the socket's own list of keys, by
 * its callback, or by the context's ZAP handler, in this order. Where nobody
 * is asked, PLAIN is refused (its password would be checked by nobody) and all
 * else let in, as libzmq does.
 *
 * @module
 */
import type { AuthRequest } from "../auth.ts";
import type { OptionValues } from "../options/values.ts";
import type { Credentials, Verdict } from "../zmtp/mechanism/mechanism.ts";
import { z85Encode } from "../z85.ts";
import { type Host, routingIdOf } from "./host.ts";
import type { ZapClient, ZapRequest } from "./zap.ts";

const LET_IN: Verdict = { status: 200, text: "OK" };
const REFUSED: Verdict = { status: 400, text: "Not allowed" };

/** Decides about a peer of a socket. Never rejects. */
export function decideFor(
  host: Host,
  credentials: Credentials,
  address: string,
  zap: ZapClient,
  signal: AbortSignal,
): Promise<Verdict> {
  const { options } = host;
  const routingId = routingIdOf(host);
  const domain = options.zapDomain ?? "";
  const request = { domain, address, routingId, credentials };
  return decide(request, options, zap, signal);
}

async function decide(
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
    if (!isListed) return REFUSED;
    if (authenticate === null) return LET_IN;
  }
  if (authenticate !== null) {
    try {
      const asked = toAuthRequest(credentials, request.address);
      return await authenticate(asked) === true ? LET_IN : REFUSED;
    } catch (error) {
      return {
        status: 500,
        text: `The authenticate callback failed: ${error}`,
      };
    }
  }
  const isDomainSet = request.domain !== "";
  if (zap.hasHandler) return zap.ask(request, signal);
  if (isDomainSet && options.zapEnforceDomain) return REFUSED;
  return credentials.mechanism === "PLAIN" ? REFUSED : LET_IN;
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
