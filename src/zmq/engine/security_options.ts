/**
 * Layer: engine. The security mechanism that a socket's options select.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import type { OptionValues } from "../options/values.ts";
import type { Security } from "../zmtp/mechanism/security.ts";
import { z85Decode } from "../z85.ts";

const WITHOUT_AUTHENTICATION: Security = {
  type: "null",
  authenticatesPeers: false,
};

/**
 * The mechanism of a socket.
 *
 * @throws {ZmqError} `EINVAL` if the options select two mechanisms, or a key is
 *   missing.
 */
export function securityOf(options: Readonly<OptionValues>): Security {
  const isCurve = options.curveServer || options.curveServerKey !== null;
  const isPlain = options.plainServer || options.plainUsername !== null;
  if (isCurve && isPlain) {
    throw new ZmqError("EINVAL", "A socket cannot use both PLAIN and CURVE");
  }
  if (options.curveServer) {
    return {
      type: "curve-server",
      secretKey: key(options, "curveSecretKey"),
    };
  }
  if (isCurve) {
    return {
      type: "curve-client",
      keys: {
        publicKey: key(options, "curvePublicKey"),
        secretKey: key(options, "curveSecretKey"),
        serverKey: key(options, "curveServerKey"),
      },
    };
  }
  if (options.plainServer) return { type: "plain-server" };
  if (options.plainUsername !== null) {
    return {
      type: "plain-client",
      username: options.plainUsername,
      password: options.plainPassword ?? "",
    };
  }
  const authenticatesPeers = options.authenticate !== null ||
    (options.zapDomain ?? "") !== "";
  return authenticatesPeers
    ? { type: "null", authenticatesPeers }
    : WITHOUT_AUTHENTICATION;
}

function key(
  options: Readonly<OptionValues>,
  name: "curvePublicKey" | "curveSecretKey" | "curveServerKey",
): Uint8Array {
  const text = options[name];
  if (text !== null) return z85Decode(text);
  throw new ZmqError("EINVAL", `CURVE needs the option ${name}`);
}
