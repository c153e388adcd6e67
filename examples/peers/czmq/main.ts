/**
 * Example `czmq`: certificates on both sides. A server with zauth admits us, and
 * our server admits a client with CZMQ.
 *
 * @module
 */
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { zmq } from "@agentzero/agentzero";
import { Program } from "../../guide/support/program.ts";
import { playWith } from "../support/scene.ts";

await playWith("czmq", async (folder) => {
  const peer = await compiled(folder);
  await mkdir(`${folder}/clients`);
  const ours = `${folder}/clients/ours.cert`;
  const keys = zmq.curveKeyPair();
  await zmq.writeCertificate(ours, { ...keys, metadata: { name: "Ada" } });
  const theirs = `${folder}/czmq.cert`;
  await using czmq = new Program(peer, [theirs, `${folder}/clients`, ours]);
  const [address] = await czmq.line(/^tcp:.*/);

  const { publicKey } = await zmq.readCertificate(theirs);
  await using server = new zmq.Reply({
    curveServer: true,
    curveSecretKey: keys.secretKey,
    curveAllowedKeys: [publicKey],
  });
  await server.bind("tcp://127.0.0.1:*");

  await using client = new zmq.Request({
    curveServerKey: publicKey,
    curvePublicKey: keys.publicKey,
    curveSecretKey: keys.secretKey,
  });
  client.connect(address);
  await client.send(server.lastEndpoint!);
  // It knows our name by our certificate: we have sent nothing but our key.
  assert.equal(String(await client.receive()), "welcome, Ada");

  const question = (await server.receive()).map(String);
  assert.deepEqual(question, ["six times", "7"]); // CZMQ writes numbers as text
  await server.send(String(6 * Number(question[1])));
  await czmq.line(/^42$/);
  assert.equal(await czmq.ended, 0);
  return "a server with CZMQ admitted us, and ours a client with CZMQ";
});

/** Compiles the peer; gives its path. */
async function compiled(folder: string): Promise<string> {
  const source = fileURLToPath(new URL("./peer.c", import.meta.url));
  const words = [source, "-o", `${folder}/peer`, "-lczmq", "-lzmq"];
  await using compiler = new Program("cc", words);
  assert.equal(await compiler.ended, 0);
  return `${folder}/peer`;
}
