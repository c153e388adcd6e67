/**
 * Layer: options. Those that only count for what is bound or connected
 * afterwards, and the warning of one that is set too late, as in zeromq.js.
 *
 * @module
 */
import type { OptionName } from "./values.ts";

/** The engine takes these as they are when an address is bound or connected. */
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
  "typeOfService",
]);

/** What Deno, Node and Bun have for warnings. */
interface Warner {
  readonly process?: { emitWarning?(text: string): void };
}

/** Whether an option counts only for what is bound or connected afterwards. */
export function isLate(name: OptionName): boolean {
  return LATE.has(name);
}

/** Warns of an option that was set after something had been bound or connected. */
export function warnOfLate(name: OptionName): void {
  (globalThis as Warner).process?.emitWarning?.(
    `The option ${name} was set after bind or connect: it will not take effect until the next one`,
  );
}
