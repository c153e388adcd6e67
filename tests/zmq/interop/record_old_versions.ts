/**
 * Writes `recorded_old_versions.ts`: what the installed zeromq.js says to peers
 * of ZMTP 2.0 and 1.0. By hand, when there are new scenes:
 *
 *     node --import tsx tests/zmq/interop/record_old_versions.ts
 *
 * @module
 */
import { writeFile } from "node:fs/promises";
import type { TestContext } from "../../support/harness.ts";
import { AGES } from "../../support/peers/ageing.ts";
import { zeromqPeer } from "../../support/peers/kinds.ts";
import { Peer } from "../../support/peers/peer.ts";
import { playScene, SCENES } from "./old_scenes.ts";

const kind = zeromqPeer();
if (kind.missing) throw new Error(kind.missing);
await using peer = new Peer(kind);
const opened: AsyncDisposable[] = [];
const t = {
  use(resource: AsyncDisposable) {
    opened.push(resource);
    return resource;
  },
} as TestContext;

let source = `/**
 * Interoperability. What libzmq ${kind.libzmq} says in each scene to peers of ZMTP
 * 2.0 and 1.0. Recorded by \`record_old_versions.ts\`; not to be changed by hand.
 *
 * @module
 */
import type { Age } from "../../support/peers/ageing.ts";

/** By version, then by socket type: bytes in hex, with texts between quotes. */
export const RECORDED: Readonly<Record<Age, Readonly<Record<string, string>>>> = {
`;
for (const age of AGES) {
  source += `  "${age}": {\n`;
  for (const scene of SCENES) {
    const { type, options } = scene;
    const socket = await peer.open(t, type, options);
    const said = await playScene(t, scene, age, socket);
    source += `    ${type}: \`${readable(said)}\`,\n`;
  }
  source += "  },\n";
}
for (const resource of opened.reverse()) await resource[Symbol.asyncDispose]();
source += "};\n";
await writeFile(new URL("recorded_old_versions.ts", import.meta.url), source);

/** Hex, with what seems to be text as text. */
function readable(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes).split(/([a-z]{2,})/).map((part, i) => {
    if (i % 2 === 0) {
      const codes = [...part].map((char) => char.charCodeAt(0));
      return codes.map((code) => code.toString(16).padStart(2, "0")).join(" ");
    }
    return /^x+$/.test(part) ? `"\${"x".repeat(${part.length})}"` : `"${part}"`;
  }).join(" ").trim();
}
