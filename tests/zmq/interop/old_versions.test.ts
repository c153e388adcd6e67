/**
 * Interoperability by ZMTP 2.0 and 1.0, with zeromq.js and with Debian's
 * python3-zmq.
 */
import { test } from "../../support/harness.ts";
import { pyzmqPeer, zeromqPeer } from "../../support/peers/kinds.ts";
import { Peer } from "../../support/peers/peer.ts";
import { oldVersions } from "./old_versions.ts";

for (const kind of [zeromqPeer(), pyzmqPeer()]) {
  if (kind.missing) {
    const name = `old versions with ${kind.name}`;
    test(name, { skip: kind.missing }, () => {});
  } else oldVersions(new Peer(kind), kind.name);
}
