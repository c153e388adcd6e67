// Secrets are in no error, and in nothing that is printed.
import { inspect } from "node:util";
import { assert, assertEquals, assertThrows } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test } from "../../support/harness.ts";

const SECRET = "hunter2hunter2";
const OPTIONS = [
  ...["plainServer", "plainUsername", "plainPassword", "curveServer"],
  ...["curvePublicKey", "curveSecretKey", "curveServerKey", "authenticate"],
  ...["curveAllowedKeys", "zapDomain", "zapEnforceDomain"],
  ...["socksUsername", "socksPassword"],
];

for (const name of OPTIONS) {
  test(`an invalid ${name} is not shown in its error`, (t) => {
    const push = t.use(new zmq.Push());
    for (const value of [[SECRET], { SECRET }, SECRET.repeat(40)]) {
      const error = assertThrows(() => push.setOption(name, value)) as Error;
      assertEquals((error as zmq.ZmqError).code, "EINVAL");
      assert(error.message.includes(name), error.message);
      assert(!inspect(error).includes(SECRET), error.message);
    }
  });
}

test("a printed socket shows its type and none of its options", (t) => {
  const { secretKey } = zmq.curveKeyPair();
  const all = [
    new zmq.Pull({ curveServer: true, curveSecretKey: secretKey }),
    new zmq.Push({ plainUsername: "me", plainPassword: SECRET }),
    new zmq.Request({ socksUsername: "me", socksPassword: SECRET }),
  ].map((socket) => t.use(socket));
  for (const socket of all) {
    for (const getters of [true, false]) {
      const text = inspect({ socket }, {
        depth: 12,
        showHidden: true,
        getters,
      });
      assert(text.includes(socket.constructor.name), text);
      assert(text.includes("lastEndpoint"), text);
      for (const secret of [SECRET, secretKey]) {
        assert(!text.includes(secret), text);
      }
    }
  }
});
