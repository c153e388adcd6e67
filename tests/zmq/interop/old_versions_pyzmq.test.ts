/**
 * Interoperability with Debian's python3-zmq by ZMTP 2.0 and 1.0.
 */
import { test } from "../../support/harness.ts";
import { pyzmqPeer } from "../../support/peers/kinds.ts";
import { Peer } from "../../support/peers/peer.ts";
import { oldVersions } from "./old_versions.ts";

const kind = pyzmqPeer();

if (kind.missing) {
  test("old versions with pyzmq", { skip: kind.missing }, () => {});
} else oldVersions(new Peer(kind), kind.name);
