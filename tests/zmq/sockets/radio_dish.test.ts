// RFC 48: RADIO and DISH. The names quote its SHALL clauses.
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test, within } from "../../support/harness.ts";
import { joined, once, TCP, untilReceived } from "./pairs.ts";

const MARK = "the mark of the test";

/** Connects a RADIO and a DISH, and waits until a group of the test's own works. */
async function connected(
  radio: zmq.Radio,
  dish: zmq.Dish,
  address: string,
): Promise<void> {
  dish.join(MARK);
  await joined(radio, dish, address);
  await untilReceived(radio, dish, MARK);
}

/** What a DISH gets up to a last message to the group of the test, in the form `group: body`. */
async function upToMark(radio: zmq.Radio, dish: zmq.Dish): Promise<string[]> {
  await radio.send("end", { group: MARK });
  const got: string[] = [];
  for (;;) {
    const [body, { group }] = await within(dish.receive(), 5000, "a message");
    if (String(group) === MARK) return got;
    got.push(`${group}: ${body}`);
  }
}

/** Resolves once the RADIO has seen what the DISH has joined or left so far: they are sent in order. */
async function settled(radio: zmq.Radio, dish: zmq.Dish): Promise<void> {
  const group = crypto.randomUUID();
  dish.join(group);
  await untilReceived(radio, dish, group);
}

for (const address of [TCP, "inproc://rfc48"]) {
  const over = address.slice(0, address.indexOf(":"));

  // RFC 37.DRAFT.1, 48.RADIO.12
  test(`RADIO SHALL check membership using exact matching (${over})`, async (t) => {
    const radio = t.use(new zmq.Radio());
    const dish = t.use(new zmq.Dish());
    dish.join("ab", "", "é");
    await connected(radio, dish, address);
    for (const group of ["a", "ab", "abc", "", "AB", "é", "e"]) {
      await radio.send("body", { group });
    }
    assertEquals(await upToMark(radio, dish), [
      "ab: body",
      ": body",
      "é: body",
    ]);
  });

  // RFC 48.DISH.11, 48.DISH.14
  test(`a connected DISH joins and leaves groups (${over})`, async (t) => {
    const radio = t.use(new zmq.Radio());
    const dish = t.use(new zmq.Dish());
    await connected(radio, dish, address);
    await radio.send("0", { group: "g" });
    dish.join("g");
    await settled(radio, dish);
    await radio.send("1", { group: "g" });
    assertEquals(await upToMark(radio, dish), ["g: 1"]);
    dish.leave("g");
    await settled(radio, dish);
    await radio.send("2", { group: "g" });
    assertEquals(await upToMark(radio, dish), []);
  });

  // RFC 48.RADIO.2, 48.RADIO.8, 48.RADIO.11, 48.DISH.7, 48.DISH.12, 48.DISH.13
  test(`RADIO reaches every DISH of the group, and no other (${over})`, async (t) => {
    const radio = t.use(new zmq.Radio());
    await radio.bind(address);
    const dishes = [["a"], ["a", "b"], ["b"]].map((groups) => {
      const dish = t.use(new zmq.Dish());
      dish.join(MARK, ...groups);
      dish.connect(radio.lastEndpoint!);
      return dish;
    });
    for (const dish of dishes) await settled(radio, dish);
    await radio.send("1", { group: "a" });
    await radio.send("2", { group: "b" });
    const expected = [["a: 1"], ["a: 1", "b: 2"], ["b: 2"]];
    await radio.send("end", { group: MARK });
    for (const [i, dish] of dishes.entries()) {
      const got: string[] = [];
      for (;;) {
        const [body, { group }] = await dish.receive();
        if (String(group) === MARK && String(body) === "end") break;
        if (String(group) !== MARK) got.push(`${group}: ${body}`);
      }
      assertEquals(got, expected[i]);
    }
  });
}

// RFC 48.DISH.1, 48.DISH.9
test("a bound DISH receives from connecting RADIOs in turn", async (t) => {
  const dish = t.use(new zmq.Dish());
  dish.join("g");
  await dish.bind("inproc://bound-dish");
  const radios = [1, 2, 3].map(() => t.use(new zmq.Radio()));
  for (const [i, radio] of radios.entries()) {
    radio.connect("inproc://bound-dish");
    for (let n = 0; n < 4; n++) await radio.send(`${i}`, { group: "g" });
  }
  for (let round = 0; round < 4; round++) {
    const got = new Set<string>();
    for (let i = 0; i < 3; i++) got.add(String((await dish.receive())[0]));
    assertEquals(got.size, 3);
  }
});

test("groups are joined again after a reconnect", async (t) => {
  const first = new zmq.Radio();
  const dish = t.use(new zmq.Dish({ reconnectInterval: 1 }));
  dish.join("kept", "left");
  await connected(first, dish, TCP);
  dish.leave("left");
  const endpoint = first.lastEndpoint!;
  const lost = once(dish, "disconnect");
  await first.close();
  await lost;
  dish.join("joined meanwhile");
  const second = t.use(new zmq.Radio());
  await second.bind(endpoint);
  await untilReceived(second, dish, MARK);
  for (const group of ["kept", "left", "joined meanwhile"]) {
    await second.send("body", { group });
  }
  assertEquals(await upToMark(second, dish), [
    "kept: body",
    "joined meanwhile: body",
  ]);
});

// RFC 48.RADIO.5, 48.RADIO.13, 48.DISH.5, 48.DISH.8
test("RADIO SHALL silently drop the message if the queue for a dish is full", async (t) => {
  const radio = t.use(new zmq.Radio({ sendHighWaterMark: 2 }));
  const slow = t.use(new zmq.Dish({ receiveHighWaterMark: 2 }));
  const quick = t.use(new zmq.Dish({ receiveHighWaterMark: 100 }));
  await radio.bind("inproc://slow-dish");
  for (const dish of [slow, quick]) {
    dish.join("g");
    dish.connect("inproc://slow-dish");
  }
  for (let i = 0; i < 10; i++) await radio.send(`${i}`, { group: "g" });
  assert(radio.writable);
  const drain = async (dish: zmq.Dish) => {
    const got = [];
    while (dish.readable) got.push(String((await dish.receive())[0]));
    return got.join("");
  };
  assertEquals(await drain(slow), "0123");
  assertEquals(await drain(quick), "0123456789");
});

test("with noDrop a RADIO waits for a dish that is full, if it is in the group", async (t) => {
  const radio = t.use(new zmq.Radio({ sendHighWaterMark: 2, noDrop: true }));
  const dish = t.use(new zmq.Dish({ receiveHighWaterMark: 2 }));
  dish.join("g");
  await joined(radio, dish, "inproc://no-drop");
  for (let i = 0; i < 4; i++) await radio.send(`${i}`, { group: "g" });
  assertEquals(radio.writable, false);
  await radio.send("no one is there", { group: "another" });
  await assertRejects(
    () => radio.send("4", { group: "g", timeout: 0 }),
    zmq.ZmqError,
    "Cannot send now",
  );
  const waiting = radio.send("5", { group: "g" });
  for (const expected of ["0", "1", "2", "3", "5"]) {
    assertEquals(String((await dish.receive())[0]), expected);
  }
  await waiting;
});

// RFC 48.RADIO.14
test("a RADIO without peers drops what it sends, and does not wait", async (t) => {
  const radio = t.use(new zmq.Radio());
  await radio.send("to no one", { group: "g", timeout: 0 });
});

test("a DISH that leaves a group gets no more of it, not even messages already queued", async (t) => {
  const radio = t.use(new zmq.Radio());
  const dish = t.use(new zmq.Dish());
  dish.join("g", "h");
  await joined(radio, dish, "inproc://leaving");
  await radio.send("1", { group: "g" });
  await radio.send("2", { group: "g" });
  await radio.send("3", { group: "h" });
  assert(dish.readable); // the first has been looked at
  dish.leave("g");
  assertEquals(String((await dish.receive())[0]), "3");
  assertEquals(dish.readable, false);
});

// RFC 48.GROUP.1, 48.GROUP.2
test("an invalid group is refused", async (t) => {
  const radio = t.use(new zmq.Radio());
  const dish = t.use(new zmq.Dish());
  const long = "x".repeat(256);
  for (const group of [long, "a\0b", 1, undefined] as string[]) {
    const errors = [
      assertThrows(() => dish.join(group), zmq.ZmqError),
      assertThrows(() => dish.leave(group), zmq.ZmqError),
      await assertRejects(() => radio.send("x", { group }), zmq.ZmqError),
    ];
    assertEquals(errors.map(({ code }) => code), [
      "EINVAL",
      "EINVAL",
      "EINVAL",
    ]);
  }
  const none = undefined as unknown as zmq.RadioGroup;
  await assertRejects(() => radio.send("x", none), zmq.ZmqError, "A group");
  dish.join(long.slice(1));
});

test("a group is joined and left once, and a call applies all its groups or none", (t) => {
  const dish = t.use(new zmq.Dish());
  dish.join("a");
  assertThrows(() => dish.join("b", "a"), zmq.ZmqError, "joined before");
  assertThrows(() => dish.join("b", "b"), zmq.ZmqError, "joined before");
  dish.join("b"); // none of these calls has joined it
  assertThrows(() => dish.leave("a", "c"), zmq.ZmqError, "not joined");
  dish.leave("a", "b");
});

test("RADIO MUST NOT send multipart messages", async (t) => {
  const radio = t.use(new zmq.Radio());
  const two = ["a", "b"] as unknown as [string];
  await assertRejects(
    () => radio.send(two, { group: "g" }),
    zmq.ZmqError,
    "A RADIO can only send messages of one frame, not of 2",
  );
});

// RFC 48.DISH.10
test("messages and groups of RADIO and DISH may be any bytes", async (t) => {
  const radio = t.use(new zmq.Radio());
  const dish = t.use(new zmq.Dish());
  const group = Uint8Array.of(0xff, 1, 0x80);
  dish.join(group);
  await joined(radio, dish, "inproc://bytes");
  const body = Uint8Array.of(1, 2);
  await radio.send(body, { group });
  body.fill(0); // the sender may use it again
  const [got, to] = await dish.receive();
  assertEquals([...got], [1, 2]);
  assertEquals([...to.group], [0xff, 1, 0x80]);
});

test("a DISH is iterated over, until it is closed", async (t) => {
  const radio = t.use(new zmq.Radio());
  const dish = new zmq.Dish();
  dish.join("g");
  await joined(radio, dish, "inproc://iterated");
  await radio.send("1", { group: "g" });
  const got: string[] = [];
  for await (const [body] of dish) {
    got.push(String(body));
    await dish.close();
  }
  assertEquals(got, ["1"]);
});

test("an idle DISH that has joined groups closes at once without a peer", async () => {
  const dish = new zmq.Dish();
  dish.join("g");
  dish.connect("tcp://127.0.0.1:1");
  assertEquals(dish.linger, 0);
  await within(dish.close(), 1000, "close()");
});
