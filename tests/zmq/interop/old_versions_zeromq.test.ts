/**
 * Interoperability with zeromq.js by ZMTP 2.0 and 1.0.
 */
import { test } from "../../support/harness.ts";
import { zeromqPeer } from "../../support/peers/kinds.ts";
import { Peer } from "../../support/peers/peer.ts";
import { oldVersions } from "./old_versions.ts";

const kind = zeromqPeer();

if (kind.missing) {
  test("old versions with zeromq.js", { skip: kind.missing }, () => {});
} else oldVersions(new Peer(kind), kind.name);
