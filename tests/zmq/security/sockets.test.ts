/**
 * Sockets that use a mechanism: over each transport, with either side bound,
 * and with a man in the middle of a real connection. What is refused is reported
 * as a monitor event on the right side, and does not affect other peers.
 */
import { assert, assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { texts } from "../../support/bytes.ts";
import { test, type TestContext, within } from "../../support/harness.ts";
import { FakeListener, FakePeer } from "../../support/fake_peer.ts";
import { greeting } from "../../support/peers/zmtp_bytes.ts";
import { TRANSPORTS } from "../sockets/pairs.ts";
import { Meddler } from "./meddler.ts";

const STEP_MS = 5000;
const TCP = "tcp://127.0.0.1:*";
const server = await zmq.curveKeyPair();
const client = await zmq.curveKeyPair();
const stranger = await zmq.curveKeyPair();

/** Each mechanism: the options of the two sides. */
const MECHANISMS = {
  NULL: { server: { authenticate: () => true }, client: {} },
  PLAIN: {
    server: {
      plainServer: true,
      authenticate: ({ username, password }: zmq.AuthRequest) =>
        username === "admin" && password === "secret",
    },
    client: { plainUsername: "admin", plainPassword: "secret" },
  },
  CURVE: {
    server: {
      curveServer: true,
      curveSecretKey: server.secretKey,
      curveAllowedKeys: [client.publicKey],
    },
    client: {
      curveServerKey: server.publicKey,
      curvePublicKey: client.publicKey,
      curveSecretKey: client.secretKey,
    },
  },
} satisfies Record<
  string,
  { server: zmq.SocketOptions; client: zmq.SocketOptions }
>;
type Name = keyof typeof MECHANISMS;

/** Both sides say something to each other. */
async function converse(a: zmq.Dealer, b: zmq.Dealer): Promise<void> {
  for (const [from, to] of [[a, b], [b, a]] as const) {
    await from.send(["hello", "", "in frames ".repeat(1000)]);
    assertEquals(
      texts(await within(to.receive(), STEP_MS, "the message")),
      ["hello", "", "in frames ".repeat(1000)],
    );
  }
}

for (const name of Object.keys(MECHANISMS) as Name[]) {
  for (const transport of TRANSPORTS) {
    if (transport.name === "inproc") continue;
    for (const binder of ["server", "client"] as const) {
      // RFC 24.PLAIN.1, 25.CURVE.1, 37.TOPOLOGY.1
      test(`${name} over ${transport.name}, the ${binder} bound`, {
        skip: transport.skip,
      }, async (t) => {
        const ours = t.use(
          new zmq.Dealer({ linger: 0, ...MECHANISMS[name].server }),
        );
        const theirs = t.use(
          new zmq.Dealer({ linger: 0, ...MECHANISMS[name].client }),
        );
        const [bound, other] = binder === "server"
          ? [ours, theirs]
          : [theirs, ours];
        await bound.bind(await transport.address(t));
        other.connect(bound.lastEndpoint!);
        await converse(ours, theirs);
      });
    }
  }
}

// RFC 26.CURVE.1
test("a lost CURVE connection is re-established with new keys", async (t) => {
  const pull = t.use(new zmq.Pull(MECHANISMS.CURVE.server));
  await pull.bind(TCP);
  const wire = t.use(await Meddler.start(pull.lastEndpoint!));
  const push = t.use(
    new zmq.Push({
      ...MECHANISMS.CURVE.client,
      linger: 0,
      reconnectInterval: 1,
    }),
  );
  push.connect(wire.endpoint);
  for (const text of ["one", "two"]) {
    await push.send(text);
    assertEquals(texts(await pull.receive()), [text]);
    const isLost = next(push, "disconnect");
    const isBack = next(push, "handshake");
    wire.cut();
    await within(Promise.all([isLost, isBack]), STEP_MS, "a new connection");
  }
  const hellos = wire.connections.map(({ toServer }) =>
    String(toServer.frames[0])
  );
  assertEquals(new Set(hellos).size, 3);
});

/** What is done to the connection, and what each side must say of it. */
interface Attack {
  readonly what: string;
  /** Alters the frame of this number in this direction. */
  readonly to: "server" | "client";
  readonly index: number;
  readonly alter: (frame: Uint8Array) => Uint8Array[];
  readonly code: string;
}

const ATTACKS: readonly Attack[] = [
  ...(["HELLO", "WELCOME", "INITIATE", "READY"] as const).flatMap(
    (name, i): Attack[] => {
      const to = i % 2 === 0 ? "server" : "client";
      const index = i >> 1;
      const lastByte = (frame: Uint8Array) => {
        const copy = frame.slice();
        copy[copy.length - 1]! ^= 1;
        return [copy];
      };
      return [{
        what: `an altered ${name}`,
        to,
        index,
        alter: lastByte,
        code: "ERR_ZMTP_CRYPTOGRAPHIC",
      }, {
        what: `a ${name} sent twice`,
        to,
        index,
        alter: (frame) => [frame, frame],
        code: index === 0
          ? "ERR_ZMTP_UNEXPECTED_COMMAND"
          : "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE",
      }];
    },
  ),
  {
    what: "a replayed MESSAGE",
    to: "server",
    index: 2,
    alter: (frame) => [frame, frame],
    code: "ERR_ZMTP_INVALID_SEQUENCE",
  },
  {
    what: "a message in clear",
    to: "server",
    index: 2,
    alter: () => [Uint8Array.of(0, 4, 101, 118, 105, 108)],
    code: "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE",
  },
];

for (const { what, to, index, alter, code } of ATTACKS) {
  test(`${what} is reported at the ${to}, and other peers are not affected`, async (t) => {
    const ours = t.use(
      new zmq.Router({ linger: 0, ...MECHANISMS.CURVE.server }),
    );
    await ours.bind(TCP);
    const other = dealer(t, MECHANISMS.CURVE.client, "other");
    other.connect(ours.lastEndpoint!);
    await other.send("before");
    assertEquals(texts(await ours.receive()), ["other", "before"]);

    const change = (frame: Uint8Array, i: number) =>
      i === index ? alter(frame) : [frame];
    const wire = t.use(
      await Meddler.start(ours.lastEndpoint!, {
        [to === "server" ? "toServer" : "toClient"]: change,
      }),
    );
    const theirs = dealer(t, MECHANISMS.CURVE.client, "victim");
    const failure = next(
      to === "server" ? ours : theirs,
      "handshake:error:protocol",
    );
    theirs.connect(wire.endpoint);
    await theirs.send("one");
    const { error } = await within(failure, STEP_MS, "the event");
    assertEquals(codeOf(error), code);

    // Of what came through the one in the middle, only the true is delivered.
    await other.send("after");
    const received: string[][] = [];
    do {
      received.push(texts(await within(ours.receive(), STEP_MS, "a message")));
    } while (received.at(-1)![0] !== "other");
    assertEquals(received.pop(), ["other", "after"]);
    for (const message of received) assertEquals(message, ["victim", "one"]);
    assert(received.length <= 1);
  });
}

for (const name of ["NULL", "PLAIN"] as const) {
  // RFC 37.OLD.2
  test(`a CURVE server refuses a greeting with ${name}, and says so`, async (t) => {
    const ours = dealer(t, MECHANISMS.CURVE.server);
    await ours.bind(TCP);
    const failure = next(ours, "handshake:error:protocol");
    const peer = t.use(await FakePeer.connect(ours.lastEndpoint!));
    await peer.send(greeting({ mechanism: name }));
    const { error } = await within(failure, STEP_MS, "the event");
    assertEquals(codeOf(error), "ERR_ZMTP_MECHANISM_MISMATCH");
    await within(peer.closed, STEP_MS, "the end of the connection");
    assert(peer.unread <= 64); // nothing behind its greeting
  });

  test(`a CURVE client refuses a greeting with ${name}, and says so`, async (t) => {
    const listener = t.use(await FakeListener.listen());
    const ours = dealer(t, MECHANISMS.CURVE.client);
    const failure = next(ours, "handshake:error:protocol");
    ours.connect(listener.endpoint);
    const peer = await listener.accept();
    await peer.send(greeting({ mechanism: name }));
    const { error } = await within(failure, STEP_MS, "the event");
    assertEquals(codeOf(error), "ERR_ZMTP_MECHANISM_MISMATCH");
    await within(peer.closed, STEP_MS, "the end of the connection");
    assert(peer.unread <= 64); // nothing behind its greeting
  });

  for (const isServer of [true, false]) {
    const [serves, connects] = isServer ? ["CURVE", name] : [name, "CURVE"];
    test(`a ${serves} server and a ${connects} client: both say why`, async (t) => {
      const ours = dealer(t, MECHANISMS[serves as Name].server);
      const theirs = dealer(t, MECHANISMS[connects as Name].client);
      // The side that reads the other's greeting first still sends the rest of its own.
      const failure = [ours, theirs].map((socket) =>
        next(socket, "handshake:error:protocol")
      );
      const lost = [ours, theirs].map((socket) => next(socket, "disconnect"));
      await ours.bind(TCP);
      theirs.connect(ours.lastEndpoint!);
      await theirs.send("x");
      for (const event of failure) {
        const { error } = await within(event, STEP_MS, "the event");
        assertEquals(error.code, "ERR_ZMTP_MECHANISM_MISMATCH");
      }
      await within(Promise.all(lost), STEP_MS, "the end of the connection");
      assertEquals(ours.tryReceive(), undefined);
    });
  }
}

for (
  const [what, keys, type, code] of [
    [
      "another server's key",
      { curveServerKey: stranger.publicKey },
      "handshake:error:protocol",
      "ERR_ZMTP_CRYPTOGRAPHIC",
    ],
    [
      "a public key that is not its own",
      { curveSecretKey: stranger.secretKey },
      "handshake:error:protocol",
      "ERR_ZMTP_CRYPTOGRAPHIC",
    ],
    [
      "keys that are not on the list",
      {
        curvePublicKey: stranger.publicKey,
        curveSecretKey: stranger.secretKey,
      },
      "handshake:error:auth",
      "ERR_ZAP_REFUSED",
    ],
  ] as const
) {
  test(`a client with ${what} is refused`, async (t) => {
    const ours = dealer(t, MECHANISMS.CURVE.server);
    await ours.bind(TCP);
    const theirs = dealer(t, { ...MECHANISMS.CURVE.client, ...keys });
    const failure = next(ours, type);
    const lost = next(theirs, "disconnect");
    theirs.connect(ours.lastEndpoint!);
    const { error } = await within(failure, STEP_MS, "the event");
    assertEquals(codeOf(error), code);
    await within(lost, STEP_MS, "the end of the connection");
    assertEquals(ours.tryReceive(), undefined);
  });
}

/** A DEALER that does not try again while the test runs. */
function dealer(
  t: TestContext,
  options: zmq.SocketOptions,
  routingId?: string,
): zmq.Dealer {
  return t.use(
    new zmq.Dealer({
      linger: 0,
      reconnectInterval: 60_000,
      ...options,
      ...(routingId === undefined ? {} : { routingId }),
    }),
  );
}

/** The next event of a type. */
function next<E extends zmq.EventType>(
  socket: zmq.Socket,
  type: E,
): Promise<zmq.EventOfType<E>> {
  return new Promise((resolve) => socket.events.once(type, resolve));
}

function codeOf(error: Error): string {
  return (error as Error & { code: string }).code;
}
