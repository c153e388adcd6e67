/** Unit: CURVE certificates of CZMQ and pyzmq. */
import { assertEquals, assertMatch } from "@std/assert";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { curveKeyPair } from "@agentzero/agentzero/zmq";
import { clientKeys, serverKeys } from "../../src/cli/keys.ts";
import {
  czmq,
  publicLine,
  pyzmq,
  secretLine,
} from "../support/certificates.ts";
import { test } from "../support/harness.ts";

const own = curveKeyPair();
const friend = curveKeyPair();

test("--keys, --server-key and --allow take certificates, --allow a folder of them", async (t) => {
  const dir = await t.tempDir();
  const write = async (name: string, text: string): Promise<string> => {
    await writeFile(join(dir, name), text);
    return join(dir, name);
  };
  const secret = await write(
    "own.cert_secret",
    czmq(publicLine(own.publicKey) + secretLine(own.secretKey)),
  );
  const open = await write("own.cert", czmq(publicLine(own.publicKey)));
  await mkdir(join(dir, "clients"));
  await write("clients/friend.cert", pyzmq(publicLine(friend.publicKey)));
  await write("clients/friend.cert_secret", "not to be read");
  await write("clients/other.pub", `${own.publicKey}\n`);

  assertEquals(
    await serverKeys({ keys: secret, allow: [join(dir, "clients")] }),
    {
      ...own,
      allowedKeys: [friend.publicKey, own.publicKey],
    },
  );
  assertEquals(await clientKeys({ keys: secret, serverKey: open }), {
    ...own,
    serverKey: own.publicKey,
  });
  const error = await serverKeys({ keys: open }).catch((error) => error);
  assertMatch(error.message, /Cannot use the keys in ".*own\.cert": .*secret/);
  const mixed = await write(
    "mixed",
    czmq(publicLine(own.publicKey) + secretLine(friend.secretKey)),
  );
  const wrong = await serverKeys({ keys: mixed }).catch((error) => error);
  assertMatch(wrong.message, /does not match the secret key/);
});
