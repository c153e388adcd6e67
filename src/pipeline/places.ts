/**
 * Layer: pipeline. Where a pipeline listens: one port for each of its sockets.
 *
 * @module
 */
import { formatTcp } from "../zmq/endpoint.ts";
import { optionNames } from "../util/check_options.ts";
import {
  invalid,
  requireBoolean,
  requireOptions,
  requireText,
  shown,
} from "./model/check.ts";
import { PipelineError } from "./model/errors.ts";
import { type Protection, requireSafe } from "./model/security.ts";
import { requireTokenAddress } from "./model/token.ts";

/** Where a pipeline listens: a host, and a port or an address for each socket. */
export interface ListenOptions {
  /** Default `"127.0.0.1"`. */
  readonly host?: string;
  /**
   * The port for requests; results, events and feed are at the three ports
   * behind it. 0 is any free port for each. Default 7450.
   */
  readonly port?: number;
  /** For requests: a port, 0 for any, or an address. Default: `port`. */
  readonly requests?: number | string;
  /** For the results of steps, likewise. Default: `port` + 1. */
  readonly results?: number | string;
  /** For the events of steps, likewise. Default: `port` + 2. */
  readonly events?: number | string;
  /** For watchers, likewise. Default: `port` + 3. */
  readonly feed?: number | string;
  /** Listens beyond loopback without CURVE. Default false. */
  readonly insecure?: boolean;
}

/**
 * Unassigned at IANA, below the ephemeral ports, and of no program that is
 * common: macOS has AirPlay at 5000 and 7000, Cassandra 7000 and 7001, X11
 * 6000.
 */
const PORT = 7450;
const MAX_PORT = 65_535;

const OPTIONS = optionNames<ListenOptions>({
  host: true,
  port: true,
  requests: true,
  results: true,
  events: true,
  feed: true,
  insecure: true,
});

/** The sockets of a pipeline, in the order of their ports. */
const SOCKETS = ["requests", "results", "events", "feed"] as const;

/** A socket of a pipeline that others connect to. */
export type PlaceName = (typeof SOCKETS)[number];

/**
 * The address of each socket.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID` for a port that there is not,
 *   `ERR_PIPELINE_INSECURE`.
 */
export function placesOf(
  options: ListenOptions,
  { security, token }: Protection,
): Record<PlaceName, string> {
  requireOptions(options, OPTIONS, "listen()");
  const { host = "127.0.0.1", port = PORT, insecure = false } = options;
  requireText("host", host, 1);
  requireBoolean("insecure", insecure);
  requirePort("port", port, MAX_PORT - SOCKETS.length + 1);
  const bare = /^\[.*\]$/.test(host) ? host.slice(1, -1) : host;
  const places = SOCKETS.map((name, i) => {
    const place = options[name] ?? (port === 0 ? 0 : port + i);
    if (typeof place !== "string") requirePort(name, place);
    const address = typeof place === "string"
      ? place
      : formatTcp(bare, place === 0 ? "*" : place);
    requireTokenAddress(address, token);
    requireSafe(address, security !== undefined || insecure);
    return [name, address] as const;
  });
  requireDifferent(places);
  return Object.fromEntries(places) as Record<PlaceName, string>;
}

/** The error of an address that cannot be bound; where it is in use, what to do. */
export function bindError(
  name: string,
  address: string,
  cause: unknown,
): unknown {
  const { cause: reason } = Object(cause) as { cause?: { code?: unknown } };
  if (reason?.code !== "EADDRINUSE") return cause;
  return new PipelineError(
    "ERR_PIPELINE_ADDRESS",
    `Cannot listen for ${name} at "${address}": the address is already in use. ` +
      "A pipeline may be running there already. Choose other ports with " +
      "listen({ port }), or with --port on the command line",
    { cause },
  );
}

/** Two of its own sockets at one address: no other program is to blame. */
function requireDifferent(
  places: readonly (readonly [string, string])[],
): void {
  for (const [name, address] of places) {
    if (/(\*|:0)$/.test(address)) continue; // any free one
    const [first] = places.find(([, other]) => other === address)!;
    if (first === name) continue;
    throw invalid(
      `${first} and ${name} cannot both listen at "${address}": give one of them another port`,
    );
  }
}

function requirePort(name: string, port: number, most = MAX_PORT): void {
  if (Number.isInteger(port) && port >= 0 && port <= most) return;
  throw invalid(`${name} must be a port from 0 to ${most}, not ${shown(port)}`);
}
