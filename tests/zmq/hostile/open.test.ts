/**
 * Hostile peers. What breaks ZMTP after a good handshake, what is too large,
 * and noise. What came before the fault still reaches the application.
 */
import { assert, assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test, within } from "../../support/harness.ts";
import { FakeListener, FakePeer } from "../../support/fake_peer.ts";
import {
  bytes,
  COMMAND,
  command,
  frame,
  handshake,
  longHeader,
  message,
  MORE,
} from "../../support/peers/zmtp_bytes.ts";
import { EventLog, type Role, ROLES, STEP_MS, victim } from "./victim.ts";

const LIMIT = 1000;
const COMMAND_FORM = "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED";
const SEQUENCE = "ERR_ZMTP_INVALID_SEQUENCE";
const SIZE = "ERR_ZMTP_MESSAGE_TOO_LARGE";

/** What is sent, how the engine must name it, and the options it takes. */
type Attack = readonly [
  name: string,
  data: Uint8Array,
  code: zmq.ProtocolErrorCode,
  options?: zmq.RouterOptions,
];

const limited = { maxMessageSize: LIMIT };
const half = "x".repeat(LIMIT / 2);

const ATTACKS: readonly Attack[] = [
  // RFC 37.ERROR.3
  [
    "a command with MORE",
    frame(bytes(4, "PING", 0, 0), COMMAND | MORE),
    SEQUENCE,
  ],
  // RFC 37.FRAME.4
  [
    "a command with MORE inside a message",
    bytes(frame("a", MORE), frame(bytes(4, "PING", 0, 0), COMMAND | MORE)),
    SEQUENCE,
  ],
  ["a command without a body", frame("", COMMAND), COMMAND_FORM],
  ["a command without a name", frame(bytes(0), COMMAND), COMMAND_FORM],
  [
    "a command whose name is cut",
    frame(bytes(5, "PING"), COMMAND),
    COMMAND_FORM,
  ],
  ["a PING without a time to live", command("PING"), COMMAND_FORM],
  ["a PING with half of it", command("PING", bytes(0)), COMMAND_FORM],
  ["a message of 2^63 bytes", longHeader(2n ** 63n), SIZE],
  ["a message of 2^64 - 1 bytes", longHeader(2n ** 64n - 1n), SIZE],
  ["a message of 2^53 bytes", longHeader(2n ** 53n), SIZE],
  ["a command of 2^63 bytes", longHeader(2n ** 63n, COMMAND), SIZE],
  ["a frame one byte above the limit", longHeader(LIMIT + 1), SIZE, limited],
  ["a frame of a terabyte", longHeader(2 ** 40), SIZE, limited],
  ["a frame above a tiny limit", frame("12345"), SIZE, { maxMessageSize: 4 }],
  ["a frame above no limit at all", frame("1"), SIZE, { maxMessageSize: 0 }],
  [
    "frames above the limit together",
    bytes(message(half, half, "x").subarray(0)),
    SIZE,
    limited,
  ],
  [
    "a later frame above the limit",
    bytes(frame("", MORE), longHeader(LIMIT + 1)),
    SIZE,
    limited,
  ],
  ["a command above its limit", longHeader(65_537, COMMAND), SIZE, limited],
];

for (const role of ROLES) {
  for (const [name, data, code, options] of ATTACKS) {
    test(`a ${role} socket drops a peer for ${name}`, async (t) => {
      const target = await victim(t, role, {}, options);
      const limit = options?.maxMessageSize ?? -1;
      const attacker = await target.attacker();
      await attacker.shakeHands("DEALER", "bad");
      await target.log.next("handshake");
      const isRoomy = limit < 0 || limit >= LIMIT;
      await attacker.send(bytes(isRoomy ? message("before") : "", data));
      await target.fails("handshake:error:protocol", code);
      await within(
        attacker.closed,
        STEP_MS,
        "the attacker's connection to close",
      );
      const expected = isRoomy ? [["before"]] : [];
      assertEquals(await target.collect(expected.length), expected);
      await target.close();
    });
  }

  test(`a ${role} socket accepts a message of exactly its limit`, async (t) => {
    const target = await victim(t, role, limited);
    const attacker = await target.attacker();
    await attacker.shakeHands("DEALER", "bad");
    await attacker.send(bytes(message(half, half), message("x".repeat(LIMIT))));
    await attacker.send(message("", half, "", half, ""));
    const strays = await target.collect(3);
    assertEquals(strays.map((frames) => frames.join("").length), [
      LIMIT,
      LIMIT,
      LIMIT,
    ]);
    assertEquals(target.log.count("disconnect"), 0);
    await target.close();
  });

  test(`a ${role} socket drops a peer for a message of endless empty frames`, async (t) => {
    const target = await victim(t, role, limited);
    const attacker = await target.attacker();
    await attacker.shakeHands("DEALER", "bad");
    const many = bytes(...Array.from({ length: 1000 }, () => frame("", MORE)));
    const flood = (async () => {
      for (;;) await attacker.send(many);
    })().catch(() => {}); // the connection was closed
    await target.fails("handshake:error:protocol", SIZE);
    await flood;
    await target.exchange();
    assertEquals(target.strays, []);
    await target.close();
  });

  test(`a ${role} socket survives garbage after the handshake`, async (t) => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    const random = generator(seed);
    const target = await victim(t, role, { receiveHighWaterMark: 0 });
    try {
      for (let round = 0; round < 50; round++) {
        const attacker = await target.attacker();
        await attacker.shakeHands("DEALER", `bad ${round}`);
        await target.log.next("handshake");
        const noise = Uint8Array.from(
          { length: 1 + random(300) },
          () => random(256),
        );
        // Many are whole frames, some are faults, some wait for more: all end here.
        await attacker.send(noise).catch(() => {}); // closed meanwhile
        attacker.end();
        const { error } = await target.log.next("disconnect");
        assert(
          error === undefined ||
            typeof (error as zmq.ZmqError).code === "string",
          String(error),
        );
        await attacker.close();
        await target.exchange();
      }
      await target.close();
    } catch (error: unknown) {
      throw new Error(`with the seed ${seed}`, { cause: error });
    }
  }, { timeoutMs: 20_000 });

  // RFC 37.MESSAGE.1, 37.SOCKET.4
  test(`a ${role} socket drops a peer that breaks the connection in a message`, async (t) => {
    const target = await victim(t, role);
    for (const how of ["end", "reset"] as const) {
      const attacker = await target.attacker();
      await attacker.shakeHands("DEALER", how);
      await attacker.send(
        bytes(message("whole"), frame("part", MORE), longHeader(100), "x"),
      );
      await receiveStray(target, how, "whole");
      attacker[how]();
      const { error } = await target.log.next("disconnect");
      if (how === "end") assertEquals(error, undefined);
      else assertEquals((error as zmq.ZmqError).code, "ECONNRESET");
      await target.exchange();
      assertEquals(target.strays.splice(0), []);
    }
    assertEquals(target.log.count("handshake:error:protocol"), 0);
    await target.close();
  });

  test(`a ${role} socket reads a message that arrives byte by byte`, async (t) => {
    const target = await victim(t, role);
    const attacker = await target.attacker();
    const large = "x".repeat(300);
    for (
      const byte of bytes(
        handshake("DEALER", "bad"),
        message("a", large),
        message(""),
      )
    ) {
      await attacker.send(bytes(byte));
    }
    await receiveStray(target, "bad", "a", large);
    await receiveStray(target, "bad", "");
    await target.exchange();
    await target.close();
  });
}

for (const role of ROLES) {
  for (
    const [name, answer] of [
      ["an answer without a delimiter", message("answer")],
      ["an answer with something else for a delimiter", message("x", "answer")],
      ["an empty answer", message("")],
    ] as const
  ) {
    test(`a ${role} REQ drops a REP for ${name}`, async (t) => {
      const { request, log, attacker } = await requestUnderAttack(t, role);
      await request.send("question");
      assertEquals((await attacker.readFrame()).body.byteLength, 0);
      assertEquals(
        `${Buffer.from((await attacker.readFrame()).body)}`,
        "question",
      );
      await attacker.send(answer);
      const { error } = await log.next("handshake:error:protocol");
      assertEquals((error as zmq.ProtocolError).code, SEQUENCE);
      await log.next("disconnect");
      await within(
        attacker.closed,
        STEP_MS,
        "the attacker's connection to close",
      );

      // With `relaxed` the next question goes to somebody better.
      const good = t.use(new zmq.Reply({ linger: 0 }));
      if (role === "bound") good.connect(request.lastEndpoint!);
      else {
        const bad = request.lastEndpoint!;
        await good.bind("tcp://127.0.0.1:*");
        request.connect(good.lastEndpoint!);
        await within(request.disconnect(bad), STEP_MS, "the disconnect");
      }
      await log.next("handshake");
      await request.send("again");
      const [question] = await within(good.receive(), STEP_MS, "the question");
      await good.send(`re ${question}`);
      const [got] = await within(request.receive(), STEP_MS, "the answer");
      assertEquals(`${got}`, "re again");
      await within(request.close(), STEP_MS, "close()");
    });
  }
}

async function requestUnderAttack(
  t: Parameters<typeof victim>[0],
  role: Role,
): Promise<{ request: zmq.Request; log: EventLog; attacker: FakePeer }> {
  const request = t.use(
    new zmq.Request({ relaxed: true, reconnectInterval: 60_000 }),
  );
  const log = new EventLog(request);
  let attacker: FakePeer;
  if (role === "bound") {
    await request.bind("tcp://127.0.0.1:*");
    attacker = t.use(await FakePeer.connect(request.lastEndpoint!));
  } else {
    const listener = t.use(await FakeListener.listen());
    request.connect(listener.endpoint);
    attacker = await listener.accept();
  }
  await attacker.shakeHands("REP");
  await log.next("handshake");
  return { request, log, attacker };
}

/** The application receives what the attacker sent. */
async function receiveStray(
  { socket }: { socket: zmq.Router },
  ...expected: string[]
): Promise<void> {
  const message = await within(
    socket.receive(),
    STEP_MS,
    "the attacker's message",
  );
  assertEquals(message.map(String), expected);
}

/** Whole numbers below a limit, the same ones for the same seed. */
function generator(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * limit);
  };
}
