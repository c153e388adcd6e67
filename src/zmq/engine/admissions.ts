/**
 * Layer: engine. How many peers a socket lets connect, over all addresses that
 * it is bound to. A newcomer above a limit is turned away; whoever is there
 * stays. Peers that never finish their handshake have a limit of their own, at
 * which the oldest of them makes room: they keep nobody else out.
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
export class Admissions {
  /** How many were turned away, or made room. */
  refused = 0;
  readonly #limits: Limits;
  /** Those in their handshake, the oldest first, and the hosts that they are of. */
  readonly #shaking: Map<Admitted, string> = new Map();
  /** Those that have passed it. */
  readonly #open: Map<Admitted, string> = new Map();
  readonly #perHost: Map<string, number> = new Map();

  /** @param limits As they are at any time. */
  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Why a newcomer is turned away; `undefined` if it is not. */
  refusal(remoteAddress: string): Error | undefined {
    const { maxConnectionsPerAddress: most } = this.#limits;
    const host = peerHostOf(remoteAddress);
    if (most > 0 && (this.#perHost.get(host) ?? 0) >= most) {
      return this.#refuse(
        `${host} has ${most} connections, the most of one address (option maxConnectionsPerAddress)`,
      );
    }
    return this.#refusalWhereFull();
  }

  /**
   * A newcomer begins its handshake.
   *
   * @returns The one that has to make room, and why.
   */
  begin(
    one: Admitted,
    remoteAddress: string,
  ): readonly [Admitted, Error] | undefined {
    const host = peerHostOf(remoteAddress);
    this.#shaking.set(one, host);
    if (host !== "") {
      this.#perHost.set(host, (this.#perHost.get(host) ?? 0) + 1);
    }
    const { maxHandshakes: most } = this.#limits;
    if (most === 0 || this.#shaking.size <= most) return undefined;
    const [oldest] = this.#shaking.keys();
    const error = this.#refuse(
      `${most} peers are in their handshake, the most (option maxHandshakes), and this is the oldest`,
    );
    return [oldest!, error];
  }

  /** The handshake is done: why the peer is turned away all the same, or `undefined`. */
  pass(one: Admitted): Error | undefined {
    const error = this.#refusalWhereFull();
    const host = this.#shaking.get(one);
    if (error !== undefined || host === undefined) return error;
    this.#shaking.delete(one);
    this.#open.set(one, host);
    return undefined;
  }

  /** A connection is gone. */
  end(one: Admitted): void {
    const host = this.#shaking.get(one) ?? this.#open.get(one) ?? "";
    if (!this.#shaking.delete(one)) this.#open.delete(one);
    const count = this.#perHost.get(host) ?? 0;
    if (count > 1) this.#perHost.set(host, count - 1);
    else this.#perHost.delete(host);
  }

  #refusalWhereFull(): Error | undefined {
    const { maxConnections: most } = this.#limits;
    if (most === 0 || this.#open.size < most) return undefined;
    return this.#refuse(
      `the socket has ${most} connections, the most (option maxConnections)`,
    );
  }

  #refuse(why: string): Error {
    this.refused++;
    return new ZmqError("EMFILE", `A peer was turned away: ${why}`);
  }
}
