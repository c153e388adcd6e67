// Wrong arguments and unknown properties: TypeErrors that say what is wrong, as in zeromq.js.
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { constants } from "node:os";
import * as zmq from "../../../src/zmq/mod.ts";
import { test } from "../../support/harness.ts";

/** The message of a TypeError that is a ZmqError with EINVAL, too. */
function refusal(call: () => unknown): string {
  const error = assertThrows(call, TypeError);
  assert(error instanceof zmq.ZmqError);
  assertEquals((error as { code?: string }).code, "EINVAL");
  return error.message;
}

type Constructor = new (...args: unknown[]) => zmq.Socket;

test("a socket is made of a type, an object of options and a context", () => {
  const Any = zmq.Socket as unknown as Constructor;
  const Pull = zmq.Pull as unknown as Constructor;
  for (
    const [make, text] of [
      [() => new Any(), "type of a socket must be a number"],
      [() => new Any("pull"), "type of a socket must be a number"],
      [() => new Any(3, 1), "must be an object"],
      [() => new Any(zmq.PULL), "extend that class"],
      [() => new Pull(5), "must be an object"],
      [() => new Pull(null), "must be an object"],
      [() => new Pull({ context: {} }), "must be a Context"],
      [() => new Pull({ lingre: 1 }), "lingre"],
      [() => new Pull({ linger: "long" }), "linger"],
      [() => new Pull({ securityMechanism: "curve" }), "read-only"],
    ] as const
  ) {
    assert(refusal(make).includes(text), text);
  }
  class Mine extends zmq.Socket {
    constructor() {
      super(zmq.DEALER, {}, undefined as never);
    }
  }
  assert(refusal(() => new Mine()).includes("DEALER"));
  const error = assertThrows(() => new Any(37), zmq.ZmqError);
  assertEquals(error.code, "EINVAL");
});

test("a context takes an object of options that exist", () => {
  const Any = zmq.Context as unknown as Constructor;
  assert(refusal(() => new Any(1)).includes("must be an object"));
  assert(refusal(() => new Any({}, 2)).includes("single argument"));
  assert(refusal(() => new Any({ maxSocket: 1 })).includes("maxSocket"));
  assert(refusal(() => new Any({ maxSockets: "many" })).includes("integer"));
  assert(refusal(() => new Any({ maxSocketsLimit: 1 })).includes("read-only"));
});

test("setting an unknown property throws, and the message suggests the right one", (t) => {
  for (const type of [zmq.Pull, zmq.Request, zmq.XPublisher, zmq.Stream]) {
    const socket = t.use(new type()) as unknown as Record<string, unknown>;
    const text = refusal(() => socket["recieveTimeout"] = 3);
    assert(text.includes('did you mean "receiveTimeout"?'), text);
    refusal(() => socket["doesNotExist"] = 3);
    assertEquals("doesNotExist" in socket, false);
    socket["receiveTimeout"] = 3;
  }
  const context = zmq.context as unknown as Record<string, unknown>;
  assert(refusal(() => context["blocki"] = 1).includes('"blocky"'));
});

test("a subclass may add members, and replace methods", async (t) => {
  class Counting extends zmq.Pull {
    count = 0;
    #secret = 1;
    constructor() {
      super({ linger: 0 });
      (this as unknown as Record<string, unknown>)["later"] = this.#secret;
    }
  }
  const counting = t.use(new Counting());
  counting.count++;
  assertEquals((counting as unknown as { later: number }).later, 1);
  const pull = new zmq.Pull();
  const { close } = pull;
  let closed = 0;
  pull.close = () => {
    closed++;
    return close.call(pull);
  };
  await pull.close();
  assertEquals([closed, pull.closed], [1, true]);
});

test("subclasses reach options by number, with the methods of zeromq.js", (t) => {
  class Numbered extends zmq.Dealer {
    byNumber(): unknown[] {
      this.setBoolOption(39, true); // immediate
      this.setInt32Option(17, 5); // linger
      this.setInt64Option(22, 99); // maxMessageSize
      this.setStringOption(5, "name"); // routingId
      return [
        this.getBoolOption(39),
        this.getInt32Option(17),
        this.getInt64Option(22),
        this.getStringOption(5),
        this.getStringOption(45), // plainUsername
      ];
    }
    wrong(): void {
      this.setInt32Option(17, "5" as unknown as number);
    }
  }
  const dealer = t.use(new Numbered());
  assertEquals(dealer.byNumber(), [true, 5, 99, "name", null]);
  assert(refusal(() => dealer.wrong()).includes("number"));
  assertEquals(dealer.linger, 5);
});

test("errors of the engine are recognised across copies of the class", () => {
  const mark = Symbol.for("agentzero.ZmqError");
  assert(new zmq.ZmqError("EAGAIN", "x") instanceof zmq.ZmqError);
  assert(new zmq.ArgumentError("x") instanceof zmq.ZmqError);
  assert({ [mark]: true } instanceof zmq.ZmqError);
  assert(!(new TypeError("x") instanceof zmq.ZmqError));
  assert(!(new zmq.ZmqError("EAGAIN", "x") instanceof zmq.ArgumentError));
  class Special extends zmq.ZmqError {}
  assert(!(new zmq.ZmqError("EAGAIN", "x") instanceof Special));
  assert(new Special("EAGAIN", "x") instanceof zmq.ZmqError);
  for (const none of [null, undefined, 5]) {
    assert(!((none as unknown) instanceof zmq.ZmqError));
  }
});

test("errors have the number of their code", async (t) => {
  const request = t.use(new zmq.Request({ receiveTimeout: 0 }));
  const early = await assertRejects(() => request.receive(), zmq.ZmqError);
  assertEquals([early.code, early.errno], ["EFSM", 156384763]);
  const pull = t.use(new zmq.Pull({ receiveTimeout: 0 }));
  const empty = await assertRejects(() => pull.receive(), zmq.ZmqError);
  assertEquals([empty.code, empty.errno], ["EAGAIN", constants.errno.EAGAIN]);
  const wrong = assertThrows(() => pull.setOption("linger", "long"), TypeError);
  assertEquals(
    (wrong as zmq.ArgumentError).errno,
    constants.errno.EINVAL,
  );
  assertEquals(new zmq.ZmqError("ENOTFOUND", "no address").errno, undefined);
});

test("values that JavaScript programs send as text are sent; other values are refused", async (t) => {
  const pull = t.use(new zmq.Pull());
  await pull.bind("inproc://texts");
  const push = t.use(new zmq.Push());
  push.connect("inproc://texts");
  const send = (value: unknown) => push.send(value as zmq.MessageLike);
  const date = new Date(0);
  for (
    const [value, text] of [
      [true, "true"],
      [1.5, "1.5"],
      [12345678901234567890n, "12345678901234567890"],
      [date, String(date)],
      [new URL("http://a.example/"), "http://a.example/"],
      [{ toString: () => "mine" }, "mine"],
      [null, ""],
    ] as const
  ) {
    await send(value);
    await send([value, "next"]);
    assertEquals((await pull.receive()).map(String), [text]);
    assertEquals((await pull.receive()).map(String), [text, "next"]);
  }
  const thrown = new Error("cannot be text");
  for (
    const value of [
      undefined,
      {},
      [[]],
      () => {},
      Symbol("s"),
      [undefined],
      {
        toString: 5,
      },
      Object.create(null),
      Promise.resolve(),
    ]
  ) {
    const error = await assertRejects(() => send(value), zmq.ZmqError);
    assertEquals(error.code, "EINVAL");
  }
  const bad = {
    toString() {
      throw thrown;
    },
  };
  assertEquals(await assertRejects(() => send(bad), Error), thrown);
  await send("still works");
  assertEquals((await pull.receive()).map(String), ["still works"]);
});
