/**
 * Layer: engine. What runs only while a session is in its handshake: the limit
 * on its duration, the wait for the peer to speak first, and the peer's
 * authentication.
 *
 * @module
 */
import { unref } from "../../async/timers.ts";

/** For how many milliseconds a part of our greeting is withheld from a peer that waits as we do. */
const PEER_WAIT_MS = 250;

/** The timers of one handshake, which alone do not keep a process alive, and its authentication. */
export class HandshakePhase {
  #limit: ReturnType<typeof setTimeout> | undefined;
  #peerWait: ReturnType<typeof setTimeout> | undefined;
  #authentication: AbortController | undefined;

  /** @param limitMs How long the handshake may take; 0 for no limit. */
  constructor(limitMs: number, onTimeout: () => void) {
    if (limitMs <= 0) return;
    this.#limit = setTimeout(onTimeout, limitMs);
    unref(this.#limit);
  }

  /** Calls back when we have waited long enough for the peer to speak first; once. */
  waitForPeer(onTimeout: () => void): void {
    if (this.#peerWait !== undefined) return;
    this.#peerWait = setTimeout(onTimeout, PEER_WAIT_MS);
    unref(this.#peerWait);
  }

  /** Begins to authenticate the peer; the signal is aborted if the connection ends before the verdict. */
  beginAuthentication(): AbortSignal {
    this.#authentication = new AbortController();
    return this.#authentication.signal;
  }

  /** The verdict is there. */
  endAuthentication(): void {
    this.#authentication = undefined;
  }

  /** Ends the handshake, whatever its result. */
  end(): void {
    clearTimeout(this.#limit);
    clearTimeout(this.#peerWait);
    this.#authentication?.abort();
  }
}
