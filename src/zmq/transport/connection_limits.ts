/**
 * Layer: transport. Limits how many peers may connect to a socket, over all
 * addresses that it is bound to, and how many upgrades a port has at work. A new connection above a limit is rejected;
 * existing ones stay. Unfinished handshakes have a limit of their own: above it
 * the oldest one is closed, so that stalled peers do not lock out others.
 *
 * @module
 */
import { peerHostOf } from "../endpoint.ts";
import { ZmqError } from "../errors.ts";
import type { OptionValues } from "../options/values.ts";

/** The limits; 0 for none. */
type Limits = Readonly<
  Pick<
    OptionValues,
    "maxConnections" | "maxConnectionsPerAddress" | "maxHandshakes"
  >
>;

/** A connection that was accepted. */
export interface Admitted {
  /** Closes it at once. */
  destroy(error?: Error): void;
}

/** The peers that have connected to one socket. */
export class ConnectionLimits {
  /** How many connections were rejected, or closed during their handshake. */
  refused = 0;
  readonly #limits: Limits;
  /** Connections in their handshake, the oldest first, and their hosts. */
  readonly #handshakes: Map<Admitted, string> = new Map();
  /** Connections that have completed it. */
  readonly #open: Map<Admitted, string> = new Map();
  readonly #perHost: Map<string, number> = new Map();

  /** @param limits Read each time, as they may change. */
  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Why a new connection is rejected; `undefined` if it is accepted. */
  refusal(remoteAddress: string): Error | undefined {
    const { maxConnectionsPerAddress: most } = this.#limits;
    const host = peerHostOf(remoteAddress);
    if (most > 0 && (this.#perHost.get(host) ?? 0) >= most) {
      return this.#refuse(
        `${host} already has ${most} connections (option maxConnectionsPerAddress)`,
      );
    }
    return this.#refusalIfFull();
  }

  /**
   * A new connection begins its handshake.
   *
   * @returns The connection to close in return, and why.
   */
  begin(
    one: Admitted,
    remoteAddress: string,
  ): readonly [Admitted, Error] | undefined {
    const host = peerHostOf(remoteAddress);
    this.#handshakes.set(one, host);
    if (host !== "") {
      this.#perHost.set(host, (this.#perHost.get(host) ?? 0) + 1);
    }
    const { maxHandshakes: most } = this.#limits;
    if (most === 0 || this.#handshakes.size <= most) return undefined;
    const [oldest] = this.#handshakes.keys();
    const error = this.#refuse(
      `it has the oldest of more than ${most} unfinished handshakes (option maxHandshakes)`,
    );
    return [oldest!, error];
  }

  /** The handshake is complete: returns why the peer is rejected nevertheless, or `undefined`. */
  pass(one: Admitted): Error | undefined {
    const error = this.#refusalIfFull();
    const host = this.#handshakes.get(one);
    if (error !== undefined || host === undefined) return error;
    this.#handshakes.delete(one);
    this.#open.set(one, host);
    return undefined;
  }

  /** A connection is closed. */
  end(one: Admitted): void {
    const host = this.#handshakes.get(one) ?? this.#open.get(one) ?? "";
    if (!this.#handshakes.delete(one)) this.#open.delete(one);
    const count = this.#perHost.get(host) ?? 0;
    if (count > 1) this.#perHost.set(host, count - 1);
    else this.#perHost.delete(host);
  }

  #refusalIfFull(): Error | undefined {
    const { maxConnections: most } = this.#limits;
    if (most === 0 || this.#open.size < most) return undefined;
    return this.#refuse(
      `the socket already has ${most} connections (option maxConnections)`,
    );
  }

  #refuse(why: string): Error {
    this.refused++;
    return new ZmqError("EMFILE", `Rejected a peer: ${why}`);
  }
}
