/**
 * Interoperability by ZMTP 2.0 and 1.0, byte for byte: in each scene our socket
 * says what libzmq says, and the libzmq that is installed still says what was
 * recorded.
 */
import { assertEquals } from "@std/assert";
import { hex, toHex } from "../../support/bytes.ts";
import { test } from "../../support/harness.ts";
import { AGES } from "../../support/peers/ageing.ts";
import { pyzmqPeer, zeromqPeer } from "../../support/peers/kinds.ts";
import { Peer } from "../../support/peers/peer.ts";
import { playScene, SCENES } from "./old_scenes.ts";
import { Ours } from "./party.ts";
import { RECORDED } from "./recorded_old_versions.ts";

for (const age of AGES) {
  for (const scene of SCENES) {
    const { type, options } = scene;

    // RFC 37.OLD.1
    test(`our ${type} sends by ZMTP ${age} what libzmq sends`, async (t) => {
      const expected = hex(RECORDED[age][type]!);
      // RFC 15 knows neither XPUB nor XSUB: they are PUB and SUB on the wire.
      const [xpub, xsub] = [9, 10];
      if (age !== "1.0 without a greeting") {
        if (expected[11] === xpub) expected[11] = 1;
        if (expected[11] === xsub) expected[11] = 2;
      }
      const ours = t.use(new Ours(type, options));
      const said = await playScene(t, scene, age, ours);
      assertEquals(toHex(said), toHex(expected));
    });
  }
}

for (const kind of [zeromqPeer(), pyzmqPeer()]) {
  if (kind.missing) {
    const name = `${kind.name} still says what was recorded`;
    test(name, { skip: kind.missing }, () => {});
    continue;
  }
  const peer = new Peer(kind);
  for (const age of AGES) {
    test(`${kind.name}, libzmq ${kind.libzmq}, sends by ZMTP ${age} what was recorded`, async (t) => {
      for (const scene of SCENES) {
        const { type, options } = scene;
        const socket = await peer.open(t, type, options);
        const said = await playScene(t, scene, age, socket);
        assertEquals(toHex(said), toHex(hex(RECORDED[age][type]!)), type);
      }
    });
  }
}
