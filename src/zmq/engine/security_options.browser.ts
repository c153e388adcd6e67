/**
 * Layer: engine. The security mechanism that a socket's options select in a
 * browser, which is always the client.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import type { OptionValues } from "../options/values.ts";
import type { Security } from "../zmtp/mechanism/security.ts";
import { z85Decode } from "../z85.ts";

type KeyName = "curvePublicKey" | "curveSecretKey" | "curveServerKey";

/**
 * The mechanism of a socket.
 *
 * @throws {ZmqError} `EINVAL` if the options select two mechanisms, or a key is
 *   missing.
 */
export function securityOf(options: Readonly<OptionValues>): Security {
  const { curveServerKey, plainUsername: username, plainPassword } = options;
  if (curveServerKey !== null) {
    if (username !== null) {
      throw new ZmqError("EINVAL", "A socket cannot use both PLAIN and CURVE");
    }
    const key = (name: KeyName) => {
      const text = options[name];
      if (text !== null) return z85Decode(text);
      throw new ZmqError("EINVAL", `CURVE needs the option ${name}`);
    };
    return {
      type: "curve-client",
      keys: {
        publicKey: key("curvePublicKey"),
        secretKey: key("curveSecretKey"),
        serverKey: key("curveServerKey"),
      },
    };
  }
  return username === null
    ? { type: "null", authenticatesPeers: false }
    : { type: "plain-client", username, password: plainPassword ?? "" };
}
