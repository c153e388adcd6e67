/**
 * Attacks by files: what stands in a folder of certificates, or in place of one,
 * ends with an error that names it, and neither fills memory nor waits for ever.
 */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { spawnSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import * as zmq from "../../../src/zmq/mod.ts";
import { test, within } from "../../support/harness.ts";

const own = zmq.curveKeyPair();
const LINES = `curve\n    public-key = "${own.publicKey}"\n`;
const noLinks = process.platform === "win32" && "links need a right there";

/** The error of a file, which must name it. */
async function refused(path: string): Promise<string> {
  const reading = within(zmq.readCertificate(path), 5000, path);
  const error = await assertRejects(() => reading, zmq.ZmqError);
  assert(error.message.includes(path), error.message);
  return error.code;
}

test("a certificate is not read beyond the size that one can have", async (t) => {
  const folder = await t.tempDir();
  const path = join(folder, "large.cert");
  await writeFile(path, LINES + "# comment\n".repeat(20_000));
  assertEquals(await refused(path), "EINVAL");
  if (process.platform === "linux") {
    assertEquals(await refused("/dev/zero"), "EINVAL");
  }
  assertEquals(await refused(folder), "EISDIR");
});

for (
  const [what, line] of [
    ["spaces behind a name", `name${" ".repeat(60_000)}!`],
    ["spaces in a value", `    name = a${" ".repeat(60_000)}b`],
    ["one long name", "a".repeat(60_000)],
    ["quotes", `    name = ${"'\"".repeat(30_000)}`],
  ] as const
) {
  test(`a line of ${what} takes no time`, () => {
    const start = process.cpuUsage();
    const text = `metadata\n${line}\n${LINES}`;
    const error = assertThrows(() => zmq.parseCertificate(text), zmq.ZmqError);
    assertEquals(error.code, "EINVAL");
    const { user } = process.cpuUsage(start);
    assert(user < 1_000_000, `${user} µs`);
  });
}

test("many lines as long as one may be are read at once", () => {
  const line = `    name = a${" ".repeat(2000)}b\n`;
  const start = process.cpuUsage();
  zmq.parseCertificate(`metadata\n${line.repeat(30)}${LINES}`);
  const { user } = process.cpuUsage(start);
  assert(user < 2_000_000, `${user} µs`);
});

test("what is no text is no certificate", async (t) => {
  const path = join(await t.tempDir(), "odd.cert");
  for (
    const bytes of [
      new Uint8Array(1000),
      crypto.getRandomValues(new Uint8Array(5000)),
      new TextEncoder().encode("curve\n    public-key = \ud800"),
    ]
  ) {
    await writeFile(path, bytes);
    assertEquals(await refused(path), "EINVAL");
  }
});

test("a folder of certificates may have other things in it", {
  skip: noLinks,
}, async (t) => {
  const folder = await t.tempDir();
  await mkdir(join(folder, "others"));
  await symlink(folder, join(folder, "itself"));
  await writeFile(join(folder, "a.cert"), LINES);
  await symlink("a.cert", join(folder, "b.cert"));
  spawnSync("mkfifo", [join(folder, "pipe.cert")]);
  const read = within(zmq.readCertificates(folder), 5000, "the folder");
  assertEquals((await read).map(({ publicKey }) => publicKey), [
    own.publicKey,
    own.publicKey,
  ]);
  await symlink("loop.cert", join(folder, "loop.cert"));
  const error = await assertRejects(
    () => zmq.readCertificates(folder),
    zmq.ZmqError,
  );
  assertEquals(error.code, "ELOOP");
  assert(error.message.includes("loop.cert"), error.message);
});

test("a folder may have very many certificates", async (t) => {
  const folder = await t.tempDir();
  const names = Array.from({ length: 300 }, (_, i) => `${i}.cert`);
  for (const name of names) await writeFile(join(folder, name), LINES);
  const read = await zmq.readCertificates(folder);
  assertEquals(read.length, names.length);
});
