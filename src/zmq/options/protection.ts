/**
 * Layer: options. The protection that security options give an address. An
 * option that would protect nothing is an error, since its user relies on it.
 *
 * @module
 */
import { ArgumentError, ZmqError } from "../errors.ts";
import type { OptionName, OptionValues, SocketFacts } from "./values.ts";

/** How one address of a socket is protected. */
export interface Protection {
  readonly mechanism: SocketFacts["securityMechanism"];
  /** Whether this side authenticates its peers. */
  readonly authenticatesPeers: boolean;
  /** Whether the address is bound; if not, it is connected. */
  readonly isBound: boolean;
}

/** The protection of an address that is bound or connected with these options. */
export function protectionOf(
  options: Readonly<OptionValues>,
  isBound: boolean,
): Protection {
  const { curveServer, plainServer, authenticate, zapDomain } = options;
  const mechanism = curveServer || options.curveServerKey !== null
    ? "curve"
    : plainServer || options.plainUsername !== null
    ? "plain"
    : null;
  const authenticatesPeers = mechanism === null
    ? authenticate !== null || zapDomain !== null
    : curveServer || plainServer;
  return { mechanism, authenticatesPeers, isBound };
}

/** The weakest mechanism of several addresses; without any, the one that the options select. */
export function mechanismOf(
  options: Readonly<OptionValues>,
  existing: readonly Protection[],
): Protection["mechanism"] {
  const all = existing.length > 0 ? existing : [protectionOf(options, false)];
  const mechanisms = all.map(({ mechanism }) => mechanism);
  if (mechanisms.includes(null)) return null;
  return mechanisms.includes("plain") ? "plain" : "curve";
}

/** What each option needs to have any effect; the first one that is missing is an error. */
const NEEDS: readonly (readonly [
  name: OptionName,
  isMet: (options: Readonly<OptionValues>) => boolean,
  without: string,
])[] = [
  [
    "curveAllowedKeys",
    ({ curveServer }) => curveServer,
    "without curveServer: every peer would get in",
  ],
  [
    "curveSecretKey",
    (o) => o.curveServer || o.curveServerKey !== null,
    "without curveServer or curveServerKey: every peer would get in, and nothing would be encrypted",
  ],
  [
    "curvePublicKey",
    (o) => o.curveServer || o.curveServerKey !== null,
    "without curveServer or curveServerKey: every peer would get in, and nothing would be encrypted",
  ],
  [
    "curveServerKey",
    ({ curveServer }) => !curveServer,
    "with curveServer: a server does not check the keys of servers",
  ],
  [
    "plainPassword",
    ({ plainUsername }) => plainUsername !== null,
    "without plainUsername: every peer would get in, and it would not be sent",
  ],
  [
    "plainUsername",
    ({ plainServer }) => !plainServer,
    "with plainServer: a server has no user name; the option authenticate checks those of its clients",
  ],
  [
    "authenticate",
    (o) => protectionOf(o, true).authenticatesPeers,
    "on a client of PLAIN or CURVE, as only their servers authenticate peers",
  ],
  [
    "zapEnforceDomain",
    ({ zapDomain }) => zapDomain !== null,
    "without zapDomain: every peer would get in while there is no ZAP handler",
  ],
  [
    "zapEnforceDomain",
    (o) => protectionOf(o, true).authenticatesPeers,
    "on a client of PLAIN or CURVE: only their servers ask the ZAP handler",
  ],
  [
    "tlsKey",
    ({ tlsCert }) => tlsCert !== null,
    "without tlsCert: there would be no certificate",
  ],
  [
    "tlsCert",
    ({ tlsKey }) => tlsKey !== null,
    "without tlsKey: the certificate could not be used",
  ],
  [
    "socksPassword",
    ({ socksUsername }) => socksUsername !== null,
    "without socksUsername, as it would not be sent",
  ],
  [
    "socksUsername",
    ({ socksProxy }) => socksProxy !== null,
    "without socksProxy, as connections would not go through a proxy",
  ],
];

/**
 * Rejects combinations of security options that protect nothing.
 *
 * @throws {ZmqError} `EINVAL`.
 */
export function requireEffect(options: Readonly<OptionValues>): void {
  for (const [name, isMet, without] of NEEDS) {
    if (!isSet(options[name]) || isMet(options)) continue;
    throw new ZmqError("EINVAL", `The option ${name} has no effect ${without}`);
  }
}

/** Whether an existing address is already protected as an option demands. */
const ALREADY_PROTECTS: Partial<
  Record<OptionName, (one: Protection) => boolean>
> = {
  curveServer: ({ mechanism }) => mechanism === "curve",
  curveServerKey: ({ mechanism }) => mechanism === "curve",
  curvePublicKey: ({ mechanism }) => mechanism === "curve",
  curveSecretKey: ({ mechanism }) => mechanism === "curve",
  curveAllowedKeys: (one) => one.mechanism === "curve" && authenticates(one),
  plainServer: (one) => one.mechanism === "plain" && authenticates(one),
  plainUsername: ({ mechanism }) => mechanism === "plain",
  plainPassword: ({ mechanism }) => mechanism === "plain",
  authenticate: authenticates,
  zapDomain: authenticates,
  zapEnforceDomain: authenticates,
};

/**
 * Rejects a security option that is set too late: existing bindings or
 * connections would continue without it. A new value of an option that
 * already protects them is accepted.
 *
 * @throws {ZmqError} `EINVAL`.
 */
export function requireNotTooLate(
  name: OptionName,
  value: unknown,
  existing: readonly Protection[],
): void {
  const isProtected = ALREADY_PROTECTS[name];
  if (isProtected === undefined || !isSet(value)) return;
  const unprotected = existing.find((one) => !isProtected(one));
  if (unprotected === undefined) return;
  throw new ArgumentError(
    `The option ${name} must be set before ${
      unprotected.isBound ? "bind" : "connect"
    }: existing ${
      unprotected.isBound ? "bindings" : "connections"
    } would continue without it`,
  );
}

/** A client that has connected with PLAIN or CURVE does not authenticate its peer, whatever is set. */
function authenticates(
  { authenticatesPeers, isBound, mechanism }: Protection,
): boolean {
  return authenticatesPeers || (!isBound && mechanism !== null);
}

function isSet(value: unknown): boolean {
  return value !== null && value !== false;
}
