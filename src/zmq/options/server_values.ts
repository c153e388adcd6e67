/**
 * Layer: options. Values of options of servers and transports.
 *
 * @module
 */
import { isPortNumber, splitHostPort } from "../endpoint.ts";
import { isIntegerIn } from "../integers.ts";

/** Whether it is `host:port` or `[IPv6]:port`, with a port that can be connected to. */
export function isProxyAddress(text: string): boolean {
  const { host = "", port, isBracketed } = splitHostPort(text) ?? {};
  const valid = isBracketed
    ? /^[0-9A-Fa-f:.]+(?:%[^\]]+)?$/
    : /^[A-Za-z0-9._-]+$/;
  return valid.test(host) && isPortNumber(port) &&
    isIntegerIn(Number(port), 1, 65_535);
}

/** Origins as browsers write them; `undefined` for anything else. */
export function convertOrigins(value: unknown): unknown {
  if (!Array.isArray(value) || !value.every(isOrigin)) return undefined;
  return Object.freeze([...value]);
}

function isOrigin(value: unknown): boolean {
  if (value === "*") return true;
  if (typeof value !== "string") return false;
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\/[^/?#\s@]+$/.exec(value) ?? [];
  if (scheme !== "http" && scheme !== "https") return scheme !== undefined;
  return URL.canParse(value) && new URL(value).origin === value;
}
