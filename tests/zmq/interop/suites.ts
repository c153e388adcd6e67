/**
 * Interoperability. All that is tried with each peer.
 *
 * @module
 */
import { test } from "../../support/harness.ts";
import type { PeerKind } from "../../support/peers/kinds.ts";
import { Peer } from "../../support/peers/peer.ts";
import { heartbeats } from "./heartbeats.ts";
import { lifecycle } from "./lifecycle.ts";
import { options } from "./options.ts";
import { patterns } from "./patterns.ts";
import { requests } from "./requests.ts";
import { routing } from "./routing.ts";
import { security } from "./security.ts";
import { subscriptions } from "./subscriptions.ts";

const SUITES = [
  patterns,
  routing,
  subscriptions,
  requests,
  lifecycle,
  heartbeats,
  security,
  options,
];

/** Declares the tests of every suite, with one process of the peer for them all. */
export function suites(kind: PeerKind): void {
  if (kind.missing) {
    test(
      `interoperability with ${kind.name}`,
      { skip: kind.missing },
      () => {},
    );
    return;
  }
  const peer = new Peer(kind);
  for (const suite of SUITES) suite(peer, kind.name);
}
