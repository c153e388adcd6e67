/**
 * Example `rsyslog`: lines go to rsyslog and come back as JSON, both ways by
 * CURVE, with certificates in files.
 *
 * @module
 */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { zmq } from "@agentzero/agentzero";
import { Program } from "../../guide/support/program.ts";
import { RSYSLOGD } from "../support/missing.ts";
import { playWith } from "../support/scene.ts";
import { relayConfig } from "./config.ts";

const LINES = 100;

await playWith("rsyslog", async (folder) => {
  const [ours, theirs] = [`${folder}/ours.cert`, `${folder}/rsyslog.cert`];
  await zmq.writeCertificate(ours, zmq.curveKeyPair());
  await zmq.writeCertificate(theirs, zmq.curveKeyPair());
  const { secretKey } = await zmq.readCertificate(`${ours}_secret`);
  const client = await zmq.readCertificate(theirs);
  const curve = {
    curveServer: true,
    curveSecretKey: secretKey!,
    curveAllowedKeys: [client.publicKey],
  };

  await using source = new zmq.Push({ ...curve, linger: 0 });
  await using target = new zmq.Pull({ ...curve, receiveTimeout: 30_000 });
  // rsyslog connects to both: it starts as well if we are not there yet.
  await source.bind("tcp://127.0.0.1:*");
  await target.bind("tcp://127.0.0.1:*");
  await writeFile(
    `${folder}/rsyslog.conf`,
    relayConfig({
      source: source.lastEndpoint!,
      target: target.lastEndpoint!,
      ownCertificate: `${theirs}_secret`,
      serverCertificate: ours,
    }),
  );
  await using rsyslog = new Program(RSYSLOGD, [
    "-n", // in the foreground
    ...["-f", `${folder}/rsyslog.conf`],
    ...["-i", `${folder}/rsyslog.pid`],
  ], { withStderr: true });

  const header = "<165>2026-01-02T03:04:05Z ship engine";
  const sending = (async () => {
    for (let n = 0; n < LINES; n++) {
      await source.send(`${header}: cylinder ${n} says "tick"`);
    }
  })();
  for (let n = 0; n < LINES; n++) {
    const [frame] = await target.receive();
    assert.deepEqual(JSON.parse(String(frame)), {
      ...{ host: "ship", program: "engine", severity: "notice" },
      message: `cylinder ${n} says "tick"`,
    });
  }
  await sending;
  assert.deepEqual(rsyslog.lines, []);
  return `${LINES} lines went to rsyslog, and came back as JSON`;
});
