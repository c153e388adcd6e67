/**
 * Layer: options. Options that only apply to addresses bound or connected
 * afterwards, and the warning for setting one too late, as in zeromq.js.
 *
 * @module
 */
import type { OptionName } from "./values.ts";

/** The engine reads these when an address is bound or connected. */
const LATE: ReadonlySet<OptionName> = new Set<OptionName>([
  "backlog",
  "conflate",
  "connectTimeout",
  "curveMaxFrameSize",
  "curvePublicKey",
  "curveSecretKey",
  "curveServer",
  "curveServerKey",
  "disconnectMessage",
  "handshakeInterval",
  "heartbeatInterval",
  "heartbeatTimeToLive",
  "heartbeatTimeout",
  "helloMessage",
  "hiccupMessage",
  "immediate",
  "ipv6",
  "maxMessageFrames",
  "maxMessageSize",
  "multicastHops",
  "multicastLoop",
  "notify",
  "plainPassword",
  "plainServer",
  "plainUsername",
  "reconnectInterval",
  "reconnectMaxInterval",
  "reconnectStop",
  "routerNotify",
  "routingId",
  "socksPassword",
  "socksProxy",
  "socksUsername",
  "tcpKeepalive",
  "tcpKeepaliveIdle",
  "tlsCa",
  "tlsCert",
  "tlsHostname",
  "tlsKey",
  "tlsTrustSystem",
  "typeOfService",
  "wsOrigins",
]);

/** The warning function of Deno, Node and Bun. */
interface Warner {
  readonly process?: { emitWarning?(text: string): void };
}

/** Whether an option only applies to addresses bound or connected afterwards. */
export function isLate(name: OptionName): boolean {
  return LATE.has(name);
}

/** Warns about an option that was set after an address had been bound or connected. */
export function warnOfLate(name: OptionName): void {
  (globalThis as Warner).process?.emitWarning?.(
    `The option ${name} was set after bind or connect: it will not take effect until the next one`,
  );
}
