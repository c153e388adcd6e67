/**
 * Test support. A program that ends without closing its sockets, in the way that
 * its first argument names; the second is an endpoint. It says `end` in its last
 * line of code: whatever keeps it alive after that is the engine.
 *
 * @module
 */
import process from "node:process";
import * as zmq from "../../../../src/zmq/mod.ts";

const [way, endpoint = ""] = process.argv.slice(2);

const WAYS: Record<string, () => void | Promise<void>> = {
  /** Sockets that are bound, connected and joined, and have nothing to do. */
  async idle() {
    const pull = new zmq.Pull();
    const push = new zmq.Push();
    await pull.bind("tcp://127.0.0.1:*");
    push.connect(pull.lastEndpoint!);
    await push.send("x");
    await pull.receive();
    await new zmq.Router().bind("inproc://idle");
    new zmq.Dealer().connect("inproc://idle");
    new zmq.Request().connect(endpoint);
  },
  /** A subscription is no message that somebody waits to be rid of. */
  subscribed() {
    const sub = new zmq.Subscriber();
    sub.connect(endpoint);
    sub.subscribe("a", "b");
  },
  /** A peer that accepts connections and says nothing. */
  async silent() {
    const dealer = new zmq.Dealer();
    const connected = new Promise((resolve) =>
      dealer.events.once("connect", resolve)
    );
    dealer.connect(endpoint);
    const alive = setInterval(() => {}, 1000);
    await connected;
    clearInterval(alive);
  },
  /** A message is on its way. */
  async sent() {
    const push = new zmq.Push();
    push.connect(endpoint);
    await push.send("last words");
  },
  /** A call waits: the program may not end before it is settled. */
  waiting() {
    const pull = new zmq.Pull();
    pull.connect(endpoint);
    void pull.receive().then(([text]) => console.log(`got ${text}`));
  },
  /** Somebody waits for events. */
  watching() {
    const pull = new zmq.Pull();
    pull.connect(endpoint);
    void (async () => {
      for await (const { type } of pull.events) {
        if (type !== "handshake") continue;
        console.log("saw handshake");
        break;
      }
    })();
  },
  /** The peer breaks the connection in the middle of a write. */
  async broken() {
    const push = new zmq.Push({ reconnectInterval: -1, sendHighWaterMark: 0 });
    push.connect(endpoint);
    const lost = new Promise((resolve) =>
      push.events.once("disconnect", resolve)
    );
    for (let i = 0; i < 32; i++) await push.send(new Uint8Array(1 << 20));
    console.log("sent");
    await lost;
    await push.close();
  },
};

await WAYS[way!]!();
console.log("end");
