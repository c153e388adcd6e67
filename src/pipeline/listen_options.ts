/**
 * Layer: pipeline. The options of `listen`: an address for each socket.
 *
 * @module
 */
import { isIntegerIn } from "../zmq/integers.ts";
import { formatTcp } from "../zmq/endpoint.ts";
import { optionNames } from "../util/check_options.ts";
import {
  checkOptionalText,
  invalid,
  requireBoolean,
  requireFunction,
  requireOptions,
  shown,
} from "./model/check.ts";
import { PipelineError } from "./model/pipeline_error.ts";
import type { PipelineMember } from "./store/job_store.ts";
import { type Protection, requireSafe } from "./model/security.ts";
import { requireTokenAddress } from "./model/token.ts";

/**
 * Where a pipeline listens. `port` is enough: workers and clients use that one,
 * and the pipeline announces the others to the peers that need them.
 */
export interface ListenOptions {
  /** The network interface: an IP address or a host name. Default `"127.0.0.1"`. */
  readonly host?: string;
  /**
   * The port for clients and workers; the feed is at `port` + 3. With 0, or with
   * an address such as `"ipc:///run/jobs"`, it is at any free port. Default 7450.
   */
  readonly port?: number | string;
  /** Clients and workers: a port, 0 for any free one, or an address. Default: `port`. */
  readonly requests?: number | string;
  /**
   * Results of workers that announce an address (version 1 of the protocol),
   * likewise. Default: `port` + 1, opened when the first peer of version 1 asks.
   */
  readonly results?: number | string;
  /** Logs and metrics of such workers, likewise. Default: `port` + 2, opened with `results`. */
  readonly events?: number | string;
  /** The feed for watchers, likewise. Default: `port` + 3. */
  readonly feed?: number | string;
  /** Allows listening beyond loopback without CURVE. Default false. */
  readonly insecure?: boolean;
  /**
   * Over a store that processes share, called while another one leads, with that:
   * at first, and whenever it changes.
   */
  readonly onStandby?: (leader: PipelineMember) => void;
  /** @internal Of a shard: how its process takes part. */
  readonly candidate?: Candidate;
}

/** A process that may lead shards. */
export interface Candidate {
  /** Where it says which it leads. */
  readonly address: string;
  /** How long it leaves one that is free to others, in milliseconds. */
  readonly patienceMs: () => number;
}

/**
 * Unassigned at IANA, below the ephemeral ports, and not the default of a common
 * program: AirPlay on macOS uses 5000 and 7000, Cassandra 7000 and 7001, X11
 * 6000.
 */
export const DEFAULT_PORT = 7450;
const MAX_PORT = 65_535;

const OPTIONS = optionNames<ListenOptions>({
  host: true,
  port: true,
  requests: true,
  results: true,
  events: true,
  feed: true,
  insecure: true,
  onStandby: true,
  candidate: true,
});

/** The sockets of a pipeline, in the order of their ports. */
const SOCKETS = ["requests", "results", "events", "feed"] as const;

/** How many ports a pipeline uses, in a row. */
export const PORT_COUNT: number = SOCKETS.length;

/** The name of a socket that others connect to. */
export type SocketName = (typeof SOCKETS)[number];

/** Those for workers of version 1 only. */
export const ANNOUNCED_SOCKETS = ["results", "events"] as const;

/** The address of each socket. */
export interface ListenAddresses extends Readonly<Record<SocketName, string>> {
  /** Whether those for workers of version 1 were given, and are opened at once. */
  readonly isAnnounced: boolean;
}

/**
 * The address of each socket.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID` for an invalid port,
 *   `ERR_PIPELINE_INSECURE`.
 */
export function addressesOf(
  options: ListenOptions,
  { security, token }: Protection,
): ListenAddresses {
  requireOptions(options, OPTIONS, "listen()");
  const { host = "127.0.0.1", port = DEFAULT_PORT, insecure = false } = options;
  checkOptionalText("host", host, 1);
  requireBoolean("insecure", insecure);
  requireFunction("onStandby", options.onStandby);
  if (!isAddress(port)) {
    requirePort("port", port, MAX_PORT - PORT_COUNT + 1);
  }
  const bare = /^\[.*\]$/.test(host) ? host.slice(1, -1) : host;
  const addresses = SOCKETS.map((name, i) => {
    const given = options[name] ?? defaultFor(i, port);
    if (typeof given !== "string") requirePort(name, given);
    const address = typeof given === "string"
      ? given
      : formatTcp(bare, given === 0 ? "*" : given);
    requireTokenAddress(address, token);
    requireSafe(address, security !== undefined || insecure);
    return [name, address] as const;
  });
  requireDifferent(addresses);
  return {
    ...Object.fromEntries(addresses) as Record<SocketName, string>,
    isAnnounced: ANNOUNCED_SOCKETS.some((name) => options[name] !== undefined),
  };
}

function isAddress(port: number | string): port is string {
  return typeof port === "string" && port.includes("://");
}

/** Where the socket with this index listens: an address says nothing of the others. */
function defaultFor(index: number, port: number | string): number | string {
  if (typeof port === "string") return index === 0 ? port : 0;
  return port === 0 ? 0 : port + index;
}

const OTHER_PORTS =
  "Choose other ports with listen({ port }), or with --port on the command line";

/** The error of an address that cannot be bound. If it is in use, its text says what to do. */
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
      `A pipeline may be running there already. ${OTHER_PORTS}`,
    { options: ["port"], advice: OTHER_PORTS, cause },
  );
}

/** Refuses one address for two sockets, which otherwise looks as if another program used it. */
function requireDifferent(
  addresses: readonly (readonly [string, string])[],
): void {
  for (const [name, address] of addresses) {
    if (/(\*|:0)$/.test(address)) continue; // any free port
    const [first] = addresses.find(([, other]) => other === address)!;
    if (first === name) continue;
    throw invalid(
      `${first} and ${name} cannot both listen at "${address}": give one of them a different port`,
    );
  }
}

function requirePort(name: string, port: unknown, most = MAX_PORT): void {
  if (isIntegerIn(port, 0, most)) return;
  throw invalid(
    `${name} must be a port from 0 to ${most}, not ${shown(port)}`,
    name,
  );
}
