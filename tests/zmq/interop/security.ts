/**
 * Interoperability. CURVE and PLAIN with a peer on libzmq, each side as the
 * server, each side bound, with ZAP on libzmq's side where it needs that; and
 * wrong keys and passwords, which are refused.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { platform, test, within } from "../../support/harness.ts";
import type { Peer, PeerSocket } from "../../support/peers/peer.ts";
import { link, next, Ours, shown, STEP_MS } from "./party.ts";
import { USER, zapHandler } from "./zap_handler.ts";

const SIZES = [0, 1, 255, 256, 70_000];

/** Declares the tests. */
export function security(peer: Peer, name: string): void {
  mismatches(peer, name);
  for (const binds of ["ours", "theirs"] as const) {
    for (const serves of ["ours", "theirs"] as const) {
      test(`CURVE with ${name}: ${serves} the server, ${binds} bound`, async (t) => {
        const server = await zmq.curveKeyPair();
        const client = await zmq.curveKeyPair();
        const asServer = {
          curveServer: true,
          curvePublicKey: server.publicKey,
          curveSecretKey: server.secretKey,
        };
        const asClient = {
          curveServerKey: server.publicKey,
          curvePublicKey: client.publicKey,
          curveSecretKey: client.secretKey,
        };
        const isOurs = serves === "ours";
        const [our, their] = await link(t, peer, "DEALER", "DEALER", {
          binds,
          ours: isOurs ? asServer : asClient,
          theirs: isOurs ? asClient : asServer,
        });
        for (const size of SIZES) {
          const body = new Uint8Array(size).map((_, i) => i * 7);
          await our.send(body, "end");
          const [there] = await their.receive();
          assertEquals(there!.byteLength, size);
          await their.send(there!, "end");
          const [back] = await our.receive();
          assertEquals([...back!], [...body]);
        }
      });
    }
  }

  test(`CURVE with ${name}: their SUB subscribes at our XPUB`, async (t) => {
    const server = await zmq.curveKeyPair();
    const client = await zmq.curveKeyPair();
    const [our, their] = await link(t, peer, "XPUB", "SUB", {
      ours: { curveServer: true, curveSecretKey: server.secretKey },
      theirs: {
        curveServerKey: server.publicKey,
        curvePublicKey: client.publicKey,
        curveSecretKey: client.secretKey,
      },
    });
    await their.subscribe("a");
    const [event] = await our.receive();
    assertEquals([...event!], [1, 97]);
    await our.send("a", "over CURVE");
    assertEquals((await their.receive()).length, 2);
  });

  test(`CURVE with ${name}: a key that is not on our list is refused`, async (t) => {
    const server = await zmq.curveKeyPair();
    const [listed, stranger] = [
      await zmq.curveKeyPair(),
      await zmq.curveKeyPair(),
    ];
    const our = t.use(
      new Ours("PULL", {
        curveServer: true,
        curveSecretKey: server.secretKey,
        curveAllowedKeys: [listed.publicKey],
      }),
    );
    const refused = next(our, "handshake:error:auth");
    const endpoint = await our.bind("tcp://127.0.0.1:*");
    for (const { publicKey, secretKey } of [stranger, listed]) {
      const their = await peer.open(t, "PUSH", {
        curveServerKey: server.publicKey,
        curvePublicKey: publicKey,
        curveSecretKey: secretKey,
      });
      await their.connect(endpoint);
      if (publicKey === stranger.publicKey) {
        const { error } = await within(refused, STEP_MS, "the refusal");
        assertEquals(error.status, 400);
      } else {
        await their.send("accepted");
        assertEquals(String((await our.receive())[0]), "accepted");
      }
    }
  });

  for (const transport of ["tcp", "ipc"] as const) {
    for (const binds of ["ours", "theirs"] as const) {
      const place = `over ${transport}, ${binds} bound`;
      const skip = transport === "ipc" && platform === "win32" &&
        "libzmq's ipc and Node's are not the same on Windows";

      test(
        `PLAIN with ${name}: ours the server, ${place}`,
        { skip },
        async (t) => {
          const [our, their] = await link(t, peer, "DEALER", "DEALER", {
            binds,
            transport,
            ours: {
              plainServer: true,
              authenticate: ({ username, password }: zmq.AuthRequest) =>
                username === "admin" && password === "pässword",
            },
            theirs: USER,
          });
          await greet(our, their);
        },
      );

      test(`PLAIN with ${name}: theirs the server, with ZAP, ${place}`, {
        skip,
      }, async (t) => {
        const handler = await zapHandler(t, peer);
        const linked = link(t, peer, "DEALER", "DEALER", {
          binds,
          transport,
          ours: USER,
          theirs: { plainServer: true, zapDomain: "home" },
        });
        const asked = shown(await handler.receive());
        assertEquals(asked[2], "home");
        assertEquals(asked.slice(5), shown(["PLAIN", "admin", "pässword"]));
        await handler.send("1.0", asked[1]!, "200", "OK", "", "");
        const [our, their] = await linked;
        await greet(our, their);
      });
    }
  }

  for (const status of ["400", "500"]) {
    test(`PLAIN with ${name}: their ZAP refuses us with ${status}, and we say so`, async (t) => {
      const handler = await zapHandler(t, peer);
      const our = t.use(new Ours("PUSH", { ...USER, reconnectInterval: -1 }));
      const their = await peer.open(t, "PULL", { plainServer: true });
      const refused = next(our, "handshake:error:auth");
      our.connect(await their.bind("tcp://127.0.0.1:*"));
      const [, id] = await handler.receive();
      await handler.send("1.0", id!, status, "no", "", "");
      const { error } = await within(refused, STEP_MS, "the refusal");
      assertEquals(error.status, Number(status));
    });
  }

  test(`PLAIN with ${name}: a wrong password is refused`, async (t) => {
    const our = t.use(
      new Ours("PULL", {
        plainServer: true,
        authenticate: ({ password }: zmq.AuthRequest) => password === "other",
      }),
    );
    const refused = next(our, "handshake:error:auth");
    const their = await peer.open(t, "PUSH", USER);
    await their.connect(await our.bind("tcp://127.0.0.1:*"));
    const { error } = await within(refused, STEP_MS, "the refusal");
    assertEquals(error.status, 400);
  });

  test(`CURVE with ${name}: their ZAP receives our key, over ipc`, {
    skip: platform === "win32" && "libzmq has no ipc there",
  }, async (t) => {
    const [server, client] = [
      await zmq.curveKeyPair(),
      await zmq.curveKeyPair(),
    ];
    const handler = await zapHandler(t, peer);
    const linked = link(t, peer, "DEALER", "DEALER", {
      binds: "theirs",
      transport: "ipc",
      ours: clientOf(server, client),
      theirs: { curveServer: true, curveSecretKey: server.secretKey },
    });
    const [, id, , , , mechanism, key] = await handler.receive();
    assertEquals(shown([mechanism!]), ["CURVE"]);
    assertEquals(zmq.z85Encode(key!), client.publicKey);
    await handler.send("1.0", id!, "200", "OK", "", "");
    const [our, their] = await linked;
    await greet(our, their);
  });

  test(`CURVE with ${name}: their SUB and our PUB, our SUB and their XPUB`, async (t) => {
    const [server, client] = [
      await zmq.curveKeyPair(),
      await zmq.curveKeyPair(),
    ];
    const [our, their] = await link(t, peer, "SUB", "XPUB", {
      ours: clientOf(server, client),
      theirs: { curveServer: true, curveSecretKey: server.secretKey },
    });
    our.subscribe("a");
    assertEquals(shown(await their.receive()), shown(["\x01a"]));
    await their.send("b", "not for us");
    await their.send("a", "for us");
    assertEquals(shown(await our.receive()), ["a", "for us"]);
    our.unsubscribe("a");
    assertEquals(shown(await their.receive()), shown(["\x00a"]));
  });

  test(`CURVE with ${name}: they have another server's key, and are refused here`, async (t) => {
    const [server, client, other] = [
      await zmq.curveKeyPair(),
      await zmq.curveKeyPair(),
      await zmq.curveKeyPair(),
    ];
    const our = t.use(
      new Ours("PULL", {
        curveServer: true,
        curveSecretKey: server.secretKey,
      }),
    );
    const refused = next(our, "handshake:error:protocol");
    const endpoint = await our.bind("tcp://127.0.0.1:*");
    const wrong = await peer.open(t, "PUSH", clientOf(other, client));
    await wrong.connect(endpoint);
    const { error } = await within(refused, STEP_MS, "the refusal");
    assertEquals((error as zmq.ProtocolError).code, "ERR_ZMTP_CRYPTOGRAPHIC");
    const right = await peer.open(t, "PUSH", clientOf(server, client));
    await right.connect(endpoint);
    await right.send("accepted");
    assertEquals(shown(await our.receive()), ["accepted"]);
  });

  test(`CURVE with ${name}: we have another server's key, and are refused there`, async (t) => {
    const [server, client, other] = [
      await zmq.curveKeyPair(),
      await zmq.curveKeyPair(),
      await zmq.curveKeyPair(),
    ];
    const their = await peer.open(t, "PULL", {
      curveServer: true,
      curveSecretKey: server.secretKey,
    });
    const endpoint = await their.bind("tcp://127.0.0.1:*");
    const wrong = t.use(
      new Ours("PUSH", {
        ...clientOf(other, client),
        reconnectInterval: 60_000,
      }),
    );
    const refused = next(wrong, "disconnect");
    wrong.connect(endpoint);
    await wrong.send("never to be seen");
    await within(refused, STEP_MS, "the end of the connection");
    const right = t.use(new Ours("PUSH", clientOf(server, client)));
    right.connect(endpoint);
    await right.send("accepted");
    assertEquals(shown(await their.receive()), ["accepted"]);
  });

  for (
    const [ours, theirs] of [["CURVE", "NULL"], ["NULL", "CURVE"]] as const
  ) {
    test(`our ${ours} and the ${theirs} of ${name} refuse each other`, async (t) => {
      const { secretKey } = await zmq.curveKeyPair();
      const curve = { curveServer: true, curveSecretKey: secretKey };
      const our = t.use(
        new Ours("PUSH", {
          reconnectInterval: 60_000,
          ...(ours === "CURVE" ? curve : {}),
        }),
      );
      const their = await peer.open(t, "PULL", theirs === "CURVE" ? curve : {});
      const lost = next(our, "disconnect");
      our.connect(await their.bind("tcp://127.0.0.1:*"));
      await within(lost, STEP_MS, "the end of the connection");
    });
  }
}

type Keys = Awaited<ReturnType<typeof zmq.curveKeyPair>>;

function clientOf(server: Keys, client: Keys) {
  return {
    curveServerKey: server.publicKey,
    curvePublicKey: client.publicKey,
    curveSecretKey: client.secretKey,
  };
}

async function greet(our: Ours, their: PeerSocket): Promise<void> {
  await our.send("hello", "there");
  assertEquals(shown(await their.receive()), ["hello", "there"]);
  await their.send("hello", "here");
  assertEquals(shown(await our.receive()), ["hello", "here"]);
}

/** The most frequent mistake, keys that were forgotten on one side, has a name at each attempt. */
function mismatches(peer: Peer, name: string): void {
  const keys = zmq.curveKeyPair();
  const sides = {
    NULL: {},
    PLAIN: { plainUsername: "me", plainPassword: "secret" },
    "PLAIN server": { plainServer: true },
    CURVE: {
      curveServerKey: keys.publicKey,
      curvePublicKey: keys.publicKey,
      curveSecretKey: keys.secretKey,
    },
    "CURVE server": {
      curveServer: true,
      curvePublicKey: keys.publicKey,
      curveSecretKey: keys.secretKey,
    },
  };
  const pairs = [
    ["NULL", "CURVE server"],
    ["NULL", "PLAIN server"],
    ["PLAIN", "CURVE server"],
    ["CURVE", "NULL"],
    ["CURVE server", "NULL"],
    ["CURVE server", "PLAIN"],
    ["PLAIN server", "CURVE"],
  ] as const;
  for (const binds of ["ours", "theirs"] as const) {
    for (const [own, other] of pairs) {
      test(`another mechanism is reported each time: our ${own}, ${name}'s ${other}, ${binds} bound`, async (t) => {
        for (let i = 0; i < 3; i++) {
          const ours = t.use(
            new Ours("DEALER", { ...sides[own], reconnectInterval: 10 }),
          );
          const theirs = await peer.open(t, "DEALER", sides[other]);
          const mismatch = next(ours, "handshake:error:protocol");
          const otherError = next(ours, "handshake:error:other");
          const [first, second] = binds === "ours"
            ? [ours, theirs]
            : [theirs, ours];
          await second.connect(await first.bind("tcp://127.0.0.1:*"));
          const { error } = await within(
            Promise.race([mismatch, otherError]),
            STEP_MS,
            "the failure",
          );
          const wanted = other.split(" ")[0];
          assertEquals(
            [(error as zmq.ProtocolError).code, error.message.split('"')[1]],
            ["ERR_ZMTP_MECHANISM_MISMATCH", wanted],
          );
        }
      });
    }
  }
}
