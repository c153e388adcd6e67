/**
 * Interoperability with `npm:zeromq` (zeromq.js 6), in a Node process of its
 * own whatever runtime runs the tests: it aborts Bun, and hangs Deno.
 */
import { test } from "../../support/harness.ts";
import { zeromqPeer } from "../../support/peers/kinds.ts";
import { Peer } from "../../support/peers/peer.ts";
import { heartbeats } from "./heartbeats.ts";
import { lifecycle } from "./lifecycle.ts";
import { options } from "./options.ts";
import { patterns } from "./patterns.ts";
import { requests } from "./requests.ts";
import { routing } from "./routing.ts";
import { security } from "./security.ts";
import { subscriptions } from "./subscriptions.ts";

const kind = zeromqPeer();

if (kind.missing) {
  test("interoperability with zeromq.js", { skip: kind.missing }, () => {});
} else {
  const peer = new Peer(kind);
  patterns(peer, kind.name);
  routing(peer, kind.name);
  subscriptions(peer, kind.name);
  requests(peer, kind.name);
  lifecycle(peer, kind.name);
  heartbeats(peer, kind.name);
  security(peer, kind.name);
  options(peer, kind.name);
}
