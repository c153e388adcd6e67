// Security that is not in force is an error; securityMechanism says what is.
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test, within } from "../../support/harness.ts";

const server = zmq.curveKeyPair();
const client = zmq.curveKeyPair();
const curveClient = {
  curveServerKey: server.publicKey,
  curvePublicKey: client.publicKey,
  curveSecretKey: client.secretKey,
};
const curveServer = { curveServer: true, curveSecretKey: server.secretKey };

const USELESS: readonly (readonly [zmq.SocketOptions, string])[] = [
  [{ curveAllowedKeys: [client.publicKey] }, "curveAllowedKeys"],
  [{ curveAllowedKeys: [] }, "curveAllowedKeys"],
  [{ curveSecretKey: server.secretKey }, "curveSecretKey"],
  [{ curvePublicKey: server.publicKey }, "curvePublicKey"],
  [{ ...curveClient, curveAllowedKeys: [] }, "curveAllowedKeys"],
  [{ ...curveClient, authenticate: () => true }, "authenticate"],
  [{ ...curveServer, curveServerKey: server.publicKey }, "curveServerKey"],
  [{ plainServer: true, curveSecretKey: server.secretKey }, "curveSecretKey"],
  [{ plainServer: true, curveAllowedKeys: [] }, "curveAllowedKeys"],
  [{ plainPassword: "secret" }, "plainPassword"],
  [{ plainServer: true, plainPassword: "secret" }, "plainPassword"],
  [{ plainServer: true, plainUsername: "me" }, "plainUsername"],
  [{ plainUsername: "me", authenticate: () => false }, "authenticate"],
  [{ zapEnforceDomain: true }, "zapEnforceDomain"],
  [{ plainServer: true, zapEnforceDomain: true }, "zapEnforceDomain"],
  [
    { plainUsername: "me", zapDomain: "d", zapEnforceDomain: true },
    "zapEnforceDomain",
  ],
  [{ socksPassword: "secret", socksProxy: "127.0.0.1:9" }, "socksPassword"],
  [{ socksUsername: "me" }, "socksUsername"],
];

for (const [options, name] of USELESS) {
  const all = Object.keys(options).join(" and ");
  test(`${all}: bind and connect refuse ${name}, which would protect nothing`, async (t) => {
    const pull = t.use(new zmq.Pull({ receiveTimeout: 0, ...options }));
    const check = (error: unknown) => {
      const { code, message } = error as zmq.ZmqError;
      assertEquals(code, "EINVAL");
      assertEquals(
        message.startsWith(`The option ${name} has no effect`),
        true,
      );
      assertEquals(message.includes("secret"), false);
    };
    for (const address of ["tcp://127.0.0.1:*", "inproc://useless"]) {
      check(await assertRejects(() => pull.bind(address)));
    }
    for (const address of ["tcp://127.0.0.1:9", "inproc://useless"]) {
      check(assertThrows(() => pull.connect(address)));
    }
    assertEquals(pull.hasEndpoints, false);
  });
}

const LATE: readonly (readonly [string, unknown])[] = [
  ["curveServer", true],
  ["curveServerKey", server.publicKey],
  ["curvePublicKey", client.publicKey],
  ["curveSecretKey", server.secretKey],
  ["curveAllowedKeys", []],
  ["plainServer", true],
  ["plainUsername", "me"],
  ["plainPassword", "secret"],
  ["authenticate", () => false],
  ["zapDomain", "d"],
  ["zapEnforceDomain", true],
];

for (const [name, value] of LATE) {
  test(`${name} is refused if it would apply to no existing connection`, async (t) => {
    const pull = t.use(new zmq.Pull());
    const before = pull.getOption(name);
    const refuse = (call: string) => {
      const error = assertThrows(() => pull.setOption(name, value)) as Error;
      assertEquals((error as zmq.ZmqError).code, "EINVAL");
      assertEquals(
        error.message.startsWith(
          `The option ${name} must be set before ${call}`,
        ),
        true,
      );
      assertEquals(pull.getOption(name), before);
      assertEquals(pull.securityMechanism, null);
    };
    const binding = pull.bind("tcp://127.0.0.1:*");
    refuse("bind"); // it has the options already
    await binding;
    refuse("bind");
    await pull.unbind(pull.lastEndpoint!);
    pull.connect("tcp://127.0.0.1:9");
    refuse("connect");
    await pull.disconnect("tcp://127.0.0.1:9");
    pull.setOption(name, value);
    assertEquals(pull.getOption(name), value);
  });
}

test("settings in force can be changed: keys, names, callbacks, domains", async (t) => {
  const { Pull, Push } = zmq;
  const pull = t.use(new Pull({ ...curveServer, curveAllowedKeys: [] }));
  await pull.bind("tcp://127.0.0.1:*");
  const push = t.use(new Push({ ...curveClient, linger: 0 }));
  const refused = new Promise<void>((resolve) =>
    push.events.once("handshake:error:auth", () => resolve())
  );
  push.connect(pull.lastEndpoint!);
  await within(refused, 5000, "the refusal");
  pull.authenticate = () => true;
  pull.zapDomain = "d";
  pull.zapEnforceDomain = true;
  pull.curveAllowedKeys = [client.publicKey];
  await push.send("with a key that is listed since");
  await within(pull.receive(), 5000, "the message");

  const fresh = zmq.curveKeyPair();
  push.curvePublicKey = fresh.publicKey;
  push.curveSecretKey = fresh.secretKey;
  const reply = t.use(
    new zmq.Reply({ plainServer: true, authenticate: () => false }),
  );
  await reply.bind("tcp://127.0.0.1:*");
  reply.authenticate = () => true;
  const request = t.use(new zmq.Request({ plainUsername: "me" }));
  request.connect(reply.lastEndpoint!);
  request.plainUsername = "other";
  request.plainPassword = "secret";
  await request.send("authenticate was changed after bind");
  await within(reply.receive(), 5000, "the request");
});

test("a callback or a domain can be changed where NULL asks already", async (t) => {
  const pull = t.use(new zmq.Pull({ authenticate: () => false }));
  await pull.bind("tcp://127.0.0.1:*");
  pull.zapDomain = "d";
  pull.authenticate = () => true;
  const push = t.use(new zmq.Push());
  push.connect(pull.lastEndpoint!);
  await push.send("accepted since");
  await within(pull.receive(), 5000, "the message");
});

test("inproc has no security, and blocks no option", async (t) => {
  const pull = t.use(new zmq.Pull());
  await pull.bind("inproc://without_security");
  pull.curveServer = true;
  pull.curveSecretKey = server.secretKey;
  assertEquals(pull.securityMechanism, null);
  await pull.bind("tcp://127.0.0.1:*");
  assertEquals(pull.securityMechanism, "curve");
});

test("securityMechanism is the weakest of what is bound and connected", async (t) => {
  const pull = t.use(new zmq.Pull(curveServer));
  assertEquals(pull.securityMechanism, "curve");
  await pull.bind("tcp://127.0.0.1:*");
  const safe = pull.lastEndpoint!;
  pull.curveServer = false;
  pull.curveSecretKey = null;
  assertEquals([pull.securityMechanism, pull.getOption(43)], [
    "curve",
    "curve",
  ]);
  await pull.bind("tcp://127.0.0.1:*");
  assertEquals(pull.securityMechanism, null);
  await pull.unbind(pull.lastEndpoint!);
  assertEquals(pull.securityMechanism, "curve");
  await pull.unbind(safe);
  assertEquals(pull.securityMechanism, null);
});
