/**
 * Keys of CURVE: how they are made, and that one with a fault is refused at
 * once, in a message that shows nothing of it.
 */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test } from "../../support/harness.ts";

/** The pair of libzmq's manual, zmq_curve(7). */
const PUBLIC = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";
const SECRET = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs";

test("curveKeyPair makes a new pair each time, in Z85", () => {
  const [a, b] = [zmq.curveKeyPair(), zmq.curveKeyPair()];
  for (const key of [a.publicKey, a.secretKey, b.publicKey, b.secretKey]) {
    assertEquals(zmq.z85Decode(key).byteLength, 32);
  }
  assertEquals(new Set([...Object.values(a), ...Object.values(b)]).size, 4);
});

test("curvePublicKey computes the public key of a secret key", () => {
  assertEquals(zmq.curvePublicKey(SECRET), PUBLIC);
  const { publicKey, secretKey } = zmq.curveKeyPair();
  assertEquals(zmq.curvePublicKey(secretKey), publicKey);
});

for (
  const [what, key] of [
    ["nothing", ""],
    ["one that is too short", SECRET.slice(0, 35)],
    ["one that is too long", `${SECRET}00000`],
    ["one with a space in it", SECRET.replace("W", " ")],
  ] as const
) {
  test(`curvePublicKey refuses ${what}`, () => {
    const error = assertThrows(
      () => zmq.curvePublicKey(key),
      zmq.ZmqError,
    );
    assertEquals(error.code, "EINVAL");
    assert(key === "" || !error.message.includes(key));
  });
}

test("a key may be 32 bytes, and is read as its 40 characters", async () => {
  await using socket = new zmq.Pair();
  socket.setOption("curveSecretKey", zmq.z85Decode(SECRET));
  assertEquals(socket.curveSecretKey, SECRET);
  socket.curveSecretKey = null;
  assertEquals(socket.curveSecretKey, null);
});

const BAD_KEYS: readonly unknown[] = [
  SECRET.slice(1),
  `${SECRET}00000`,
  SECRET.replace("W", " "),
  "#".repeat(40),
  zmq.z85Decode(SECRET).subarray(4),
  42,
  undefined,
  {},
];

for (
  const name of ["curvePublicKey", "curveSecretKey", "curveServerKey"] as const
) {
  test(`${name} refuses an invalid key, and does not show it`, async () => {
    await using socket = new zmq.Pair();
    for (const value of BAD_KEYS) {
      const error = assertThrows(
        () => socket.setOption(name, value),
        zmq.ZmqError,
      );
      assertEquals(error.code, "EINVAL");
      assertEquals(
        error.message,
        `The option ${name} needs keys of 40 Z85 characters or 32 bytes`,
      );
    }
    assertEquals(socket[name], null);
  });
}

test("curveAllowedKeys refuses a list with an invalid key", async () => {
  await using socket = new zmq.Pair();
  for (const value of [PUBLIC, [PUBLIC, "no key"], [null], 1, { 0: PUBLIC }]) {
    const error = assertThrows(
      () => socket.setOption("curveAllowedKeys", value),
      zmq.ZmqError,
    );
    assertEquals(error.code, "EINVAL");
    assertEquals(error.message.includes(PUBLIC), false);
  }
  socket.curveAllowedKeys = [PUBLIC];
  assertEquals(socket.curveAllowedKeys, [PUBLIC]);
});

test("a refused password is not shown", async () => {
  await using socket = new zmq.Pair();
  const secret = "correct horse battery staple ";
  for (const value of [secret.repeat(10), 1234567, { secret }]) {
    const error = assertThrows(
      () => socket.setOption("plainPassword", value),
      zmq.ZmqError,
    );
    assertEquals(error.code, "EINVAL");
    for (const part of [secret, "1234567", "object"]) {
      assertEquals(error.message.includes(part), false, error.message);
    }
  }
});

const keys = { curvePublicKey: PUBLIC, curveSecretKey: SECRET };
const INCOMPLETE: readonly (readonly [string, zmq.SocketOptions, RegExp])[] = [
  [
    "a CURVE server without a secret key",
    { curveServer: true, curvePublicKey: PUBLIC },
    /curveSecretKey/,
  ],
  [
    "a CURVE client without a secret key",
    { curveServerKey: PUBLIC, curvePublicKey: PUBLIC },
    /curveSecretKey/,
  ],
  [
    "a CURVE client without a public key",
    { curveServerKey: PUBLIC, curveSecretKey: SECRET },
    /curvePublicKey/,
  ],
  [
    "a server of PLAIN and CURVE at once",
    { curveServer: true, plainServer: true, ...keys },
    /both PLAIN and CURVE/,
  ],
  [
    "a client of PLAIN and CURVE at once",
    { curveServerKey: PUBLIC, plainUsername: "a", ...keys },
    /both PLAIN and CURVE/,
  ],
];

for (const [what, options, message] of INCOMPLETE) {
  test(`${what} can neither bind nor connect`, async () => {
    await using socket = new zmq.Pair(options);
    const errors = [
      await assertRejects(() => socket.bind("tcp://127.0.0.1:*"), zmq.ZmqError),
      assertThrows(() => socket.connect("tcp://127.0.0.1:1"), zmq.ZmqError),
    ];
    for (const error of errors) {
      assertEquals(error.code, "EINVAL");
      assert(message.test(error.message), error.message);
      assertEquals(error.message.includes(SECRET), false);
    }
  });
}
