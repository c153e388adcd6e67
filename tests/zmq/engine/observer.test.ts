/** Tests of the observer: monitor events for listeners and for loops. */
import { assertEquals, assertRejects } from "@std/assert";
import { type Event, Observer } from "../../../src/zmq/engine/observer.ts";
import { ZmqError } from "../../../src/zmq/errors.ts";
import { deferred, test } from "../../support/harness.ts";

const bind = (address: string): Event => ({ type: "bind", address });

test("a listener gets the events of its type until it is removed", () => {
  const observer = new Observer();
  const seen: string[] = [];
  const listener = ({ address }: { address: string }) =>
    void seen.push(address);
  observer.on("bind", listener);
  observer.emit(bind("1"));
  observer.emit({ type: "connect", address: "2" });
  observer.off("bind", listener);
  observer.off("connect", listener);
  observer.emit(bind("3"));
  assertEquals(seen, ["1"]);
});

test("a once-listener is called once", () => {
  const observer = new Observer();
  const seen: string[] = [];
  observer.once("bind", ({ address }) => {
    seen.push(address);
    observer.emit(bind("from within"));
  });
  observer.emit(bind("1"));
  observer.emit(bind("2"));
  assertEquals(seen, ["1"]);
});

test("a once-listener can be removed before it is called", () => {
  const observer = new Observer();
  const seen: string[] = [];
  const listener = ({ address }: { address: string }) =>
    void seen.push(address);
  observer.once("bind", listener);
  observer.off("bind", listener);
  observer.emit(bind("1"));
  assertEquals(seen, []);
});

test("one listener may be registered once for each of several types", () => {
  const observer = new Observer();
  const seen: string[] = [];
  const listener = ({ type }: { type: string }) => void seen.push(type);
  observer.once("bind", listener);
  observer.once("connect", listener);
  for (let i = 0; i < 2; i++) {
    observer.emit(bind("1"));
    observer.emit({ type: "connect", address: "2" });
  }
  assertEquals(seen, ["bind", "connect"]);
  observer.once("bind", listener);
  observer.once("connect", listener);
  observer.off("bind", listener);
  observer.emit(bind("1"));
  observer.emit({ type: "connect", address: "2" });
  assertEquals(seen, ["bind", "connect", "connect"]);
});

test("an error thrown by a listener is contained and reported", () => {
  const observer = new Observer();
  const seen: string[] = [];
  const shown: unknown[][] = [];
  const original = console.error;
  console.error = (...args: unknown[]) => void shown.push(args);
  try {
    observer.on("bind", () => {
      throw new Error("mine");
    });
    observer.on("bind", ({ address }) => void seen.push(address));
    observer.emit(bind("1"));
    for (let i = 2; i <= 1000; i++) observer.emit(bind(String(i)));
    assertEquals(seen.length, 999 + 1);
    assertEquals(shown.length, 1);
    observer.close();
  } finally {
    console.error = original;
  }
  assertEquals(shown.length, 2);
  assertEquals(shown[1]![1], "(and 998 more like it)");
});

test("a rejection by a listener is contained and reported", async () => {
  const observer = new Observer();
  const { promise, resolve } = deferred<unknown>();
  const original = console.error;
  console.error = resolve;
  try {
    observer.on("bind", () => Promise.reject(new Error("mine")) as never);
    observer.emit(bind("1"));
    const error = await promise as Error;
    assertEquals((error.cause as Error).message, "mine");
  } finally {
    console.error = original;
    observer.close();
  }
});

test("a loop gets all events from its start on, and ends with end", async () => {
  const observer = new Observer();
  observer.emit(bind("before"));
  const loop = observer[Symbol.asyncIterator]();
  observer.emit(bind("1"));
  observer.emit(bind("2"));
  observer.close();
  observer.emit(bind("after"));
  const seen: string[] = [];
  for await (const event of { [Symbol.asyncIterator]: () => loop }) {
    seen.push("address" in event ? event.address : event.type);
  }
  assertEquals(seen, ["1", "2", "end"]);
});

test("receive waits for the next event, returns end to all pending calls, and rejects with EBADF afterwards", async () => {
  const observer = new Observer();
  const next = [observer.receive(), observer.receive()];
  observer.emit(bind("1"));
  observer.emit(bind("2"));
  assertEquals(await Promise.all(next), [bind("1"), bind("2")]);
  const last = [observer.receive(), observer.receive()];
  observer.close();
  observer.close();
  assertEquals(observer.closed, true);
  assertEquals(await Promise.all(last), [{ type: "end" }, { type: "end" }]);
  const error = await assertRejects(() => observer.receive(), ZmqError);
  assertEquals(error.code, "EBADF");
});

test("a receive after the end returns it once", async () => {
  const observer = new Observer();
  observer.close();
  assertEquals(await observer.receive(), { type: "end" });
  await assertRejects(() => observer.receive(), ZmqError);
});

test("a slow reader keeps the newest thousand events", async () => {
  const observer = new Observer();
  const loop = observer[Symbol.asyncIterator]();
  for (let i = 0; i < 1500; i++) observer.emit(bind(String(i)));
  assertEquals((await loop.next()).value, bind("500"));
  observer.close();
});
