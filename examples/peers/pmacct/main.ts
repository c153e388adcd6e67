/**
 * Example `pmacct`: flows go from one collector of NetFlow through this program
 * to another one, which counts them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { readFile, writeFile } from "node:fs/promises";
import { zmq } from "@agentzero/agentzero";
import { pause } from "../../guide/support/scene.ts";
import { freePort } from "../support/free_port.ts";
import { playWith } from "../support/scene.ts";
import { datagramOf, type Flow, netflow5, readNetflow5 } from "./netflow.ts";
import { Nfacctd } from "./nfacctd.ts";

const FLOWS: readonly Flow[] = [
  { from: "10.0.0.1", to: "10.0.0.9", packets: 3, bytes: 400 },
  { from: "10.0.0.2", to: "10.0.0.9", packets: 1, bytes: 52 },
];

await playWith("pmacct", async (folder) => {
  const [netflow, tee] = [await freePort(), await freePort()];
  await using flows = new zmq.Pull({ receiveTimeout: 500 });
  await using copies = new zmq.Push({ linger: 0 });
  await copies.bind("tcp://127.0.0.1:*");
  await writeFile(`${folder}/receivers`, `id=1 zmq_address=127.0.0.1:${tee}\n`);
  await using _replicator = await Nfacctd.start(`${folder}/replicator.conf`, {
    nfacctd_ip: "127.0.0.1",
    nfacctd_port: String(netflow),
    "plugins": "tee[copy]",
    "tee_receivers[copy]": `${folder}/receivers`,
    "tee_transparent": "true",
  });
  await using counter = await Nfacctd.start(`${folder}/counter.conf`, {
    // It connects. An address without "tcp://", as pmacct has them.
    nfacctd_zmq_address: copies.lastEndpoint!.replace("tcp://", ""),
    "plugins": "print[count]",
    "aggregate[count]": "src_host, dst_host",
    "print_output[count]": "json",
    "print_output_file[count]": `${folder}/counts`,
    "print_output_file_append[count]": "true",
    "print_refresh_time[count]": "1",
  });

  flows.connect(`tcp://127.0.0.1:${tee}`);
  const frame = await sendUntilReceived(netflow5(FLOWS), netflow, flows);
  assert.deepEqual(readNetflow5(datagramOf(frame)), FLOWS);
  // What comes before its plugin is ready gets lost.
  await counter.line(/count\/print.*handlers/);
  await counter.line(/reading NetFlow/);
  await copies.send(frame);
  const counts = await linesOf(`${folder}/counts`, FLOWS.length);
  assert.deepEqual(
    counts.map(({ ip_src, ip_dst, packets, bytes }) => ({
      ...{ from: ip_src, to: ip_dst, packets, bytes },
    })).sort((one, other) => one.from < other.from ? -1 : 1),
    FLOWS,
  );
  return "flows went from one nfacctd to another, which counted them";
});

/** Sends a datagram again and again: the collector does not say that it is there. */
async function sendUntilReceived(
  datagram: Buffer,
  port: number,
  messages: zmq.Pull,
): Promise<Uint8Array> {
  const socket = createSocket("udp4");
  try {
    for (let tries = 0; tries < 60; tries++) {
      socket.send(datagram, port, "127.0.0.1");
      const message = await messages.receive().catch(() => undefined);
      if (message) return message[0]!;
    }
    throw new Error("Nothing came from nfacctd");
  } finally {
    socket.close();
  }
}

// deno-lint-ignore no-explicit-any -- lines of JSON as pmacct writes them
async function linesOf(path: string, count: number): Promise<any[]> {
  for (let tries = 0; tries < 300; tries++) {
    const text = await readFile(path, "utf8").catch(() => "");
    const lines = text.split("\n").filter((line) => line !== "");
    if (lines.length >= count) return lines.map((line) => JSON.parse(line));
    await pause(100);
  }
  throw new Error(`${path} never had ${count} lines`);
}
