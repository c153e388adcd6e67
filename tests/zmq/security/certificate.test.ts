/** Unit: certificates for CURVE; and pyzmq, which reads ours and writes its own. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import fc from "fast-check";
import {
  curveKeyPair,
  curvePublicKey,
  formatCertificate,
  parseCertificate,
  readCertificate,
  readCertificates,
  writeCertificate,
  ZmqError,
} from "@agentzero/agentzero/zmq";
import {
  czmq,
  publicLine,
  pyzmq,
  secretLine,
} from "../../support/certificates.ts";
import { test } from "../../support/harness.ts";
import { noPython, PYTHON } from "../../support/python.ts";

const own = curveKeyPair();
const friend = curveKeyPair();

function refused(work: () => unknown): string {
  const error = assertThrows(work, ZmqError);
  assertEquals(error.code, "EINVAL");
  return error.message;
}

test("certificates are read, whichever program wrote them", () => {
  const both = publicLine(own.publicKey) + secretLine(own.secretKey);
  assertEquals(parseCertificate(czmq(both)), {
    ...own,
    metadata: { name: "a = b # c", role: "tester" },
  });
  assertEquals(parseCertificate(pyzmq(publicLine(own.publicKey))), {
    publicKey: own.publicKey,
    metadata: { role: 'tester of "things"', "public-key": "no" },
  });
});

test("what is not a certificate is refused with the reason", () => {
  assertMatch(refused(() => parseCertificate("")), /no public key/);
  assertMatch(refused(() => parseCertificate("curve\n")), /no public key/);
  assertMatch(
    refused(() => parseCertificate(JSON.stringify(own, null, 2))),
    /not ZPL/,
  );
  for (
    const key of ["", "short", own.publicKey.slice(1), `"${own.secretKey}`]
  ) {
    refused(() => parseCertificate(`curve\n    public-key = "${key}"\n`));
  }
  const { publicKey } = own;
  refused(() => formatCertificate({ publicKey: "short" }));
  refused(() => formatCertificate({ publicKey, secretKey: "" }));
  for (const value of ["two\nlines", "\0", "both \" and '"]) {
    refused(() => formatCertificate({ publicKey, metadata: { value } }));
  }
  for (const name of ["", "a b", "a=", "ä", "#"]) {
    refused(() => formatCertificate({ publicKey, metadata: { [name]: "" } }));
  }
});

test("what is formatted is read again", () => {
  const names = fc.stringMatching(/^[A-Za-z0-9_$\-@.&+/]+$/)
    .filter((name) => name !== "__proto__");
  // deno-lint-ignore no-control-regex
  const values = fc.string().filter((text) => !/[\x00-\x1f\x7f]/.test(text))
    .filter((text) => !(text.includes('"') && text.includes("'")));
  fc.assert(fc.property(
    fc.dictionary(names, values, { minKeys: 1 }),
    fc.boolean(),
    (metadata, isSecret) => {
      const certificate = isSecret
        ? { ...own, metadata: { ...metadata } }
        : { publicKey: own.publicKey, metadata: { ...metadata } };
      assertEquals(
        parseCertificate(formatCertificate(certificate)),
        certificate,
      );
    },
  ));
});

test("a pair of keys is written as two files, and never over others", async (t) => {
  const dir = await t.tempDir();
  const path = join(dir, "own.cert");
  await writeCertificate(path, { ...own, metadata: { name: "me" } });
  assertEquals(await readCertificate(path), {
    publicKey: own.publicKey,
    metadata: { name: "me" },
  });
  assertEquals(await readCertificate(`${path}_secret`), {
    ...own,
    metadata: { name: "me" },
  });
  assert(!(await readFile(path, "utf8")).includes(own.secretKey));
  if (process.platform !== "win32") {
    assertEquals((await stat(`${path}_secret`)).mode & 0o777, 0o600);
  }
  const code = (work: Promise<unknown>) =>
    work.then(() => "none", (error) => error instanceof ZmqError && error.code);
  assertEquals(await code(writeCertificate(path, friend)), "EEXIST");
  const half = join(dir, "half.cert");
  await writeFile(half, "there");
  assertEquals(await code(writeCertificate(half, friend)), "EEXIST");
  assertEquals(await code(stat(`${half}_secret`)), false);
  assertEquals(await code(readCertificate(join(dir, "none"))), "ENOENT");
  assertEquals(await code(readCertificate(half)), "EINVAL");
  assertEquals(await code(readCertificates(half)), "ENOTDIR");
  assertEquals(
    await code(writeCertificate(path, { publicKey: own.publicKey })),
    "EINVAL",
  );
});

test("a folder has the certificates of those who may connect", async (t) => {
  const dir = await t.tempDir();
  await writeCertificate(join(dir, "b.cert"), own);
  await writeCertificate(join(dir, "a.cert"), friend);
  await writeFile(join(dir, ".hidden"), "not read");
  await mkdir(join(dir, "folder"));
  assertEquals(await readCertificates(dir), [
    { publicKey: friend.publicKey },
    { publicKey: own.publicKey },
  ]);
});

test(
  "pyzmq reads our certificates, and we its own",
  { skip: noPython },
  async (t) => {
    const dir = await t.tempDir();
    await writeCertificate(join(dir, "ours.key"), {
      ...own,
      metadata: { role: "a = b" },
    });
    const program = `
import sys, zmq.auth
dir = sys.argv[1]
public, secret = zmq.auth.load_certificate(dir + "/ours.key_secret")
print(public.decode(), secret.decode())
print(list(zmq.auth.load_certificates(dir).keys())[0].decode())
zmq.auth.create_certificates(dir, "theirs", {"role": "tester of things"})
`;
    const { stdout, stderr } = spawnSync(PYTHON!, ["-c", program, dir], {
      encoding: "utf8",
    });
    assertEquals(stderr, "");
    assertEquals(
      stdout,
      `${own.publicKey} ${own.secretKey}\n${own.publicKey}\n`,
    );
    const { publicKey, secretKey, metadata } = await readCertificate(
      join(dir, "theirs.key_secret"),
    );
    assertEquals(curvePublicKey(secretKey!), publicKey);
    assertEquals(metadata, { role: "tester of things" });
    assertEquals(await readCertificate(join(dir, "theirs.key")), { publicKey });
  },
);
