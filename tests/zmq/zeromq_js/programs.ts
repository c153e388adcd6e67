/**
 * Programs written for zeromq.js 6, by its types and with its idioms. Each
 * reports, as text, what it saw. They know nothing of this project: they run
 * with either module.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type * as ZeroMQ from "zeromq";

/** What is imported from `zeromq`. */
export type Zmq = typeof ZeroMQ;

/** A program; gives what it saw. */
export type Program = (zmq: Zmq) => Promise<string[]>;

const TCP = "tcp://127.0.0.1:*";

/** The programs, by what they are about. */
export const PROGRAMS: Readonly<Record<string, Program>> = {
  "a producer and a worker": async (zmq) => {
    const producer = new zmq.Push();
    await producer.bind(TCP);
    const worker = new zmq.Pull();
    worker.connect(producer.lastEndpoint!);

    const work = (async () => {
      const seen: string[] = [];
      for await (const [message] of worker) {
        seen.push(message!.toString());
        if (seen.length === 3) break;
      }
      return seen;
    })();
    for (const n of [1, 2, 3]) await producer.send(`job ${n}`);
    const seen = await work;
    producer.close();
    worker.close();
    return [...seen, `${producer.closed} ${worker.closed}`];
  },

  "a publisher and a subscriber": async (zmq) => {
    const publisher = new zmq.XPublisher({ linger: 0 });
    await publisher.bind(TCP);
    const subscriber = new zmq.Subscriber();
    subscriber.connect(publisher.lastEndpoint!);
    subscriber.subscribe("kitty cats");
    const seen: string[] = [];

    const [subscription] = await publisher.receive();
    seen.push(`${subscription![0]} ${subscription!.toString("utf8", 1)}`);
    await publisher.send(["dogs", "not for you"]);
    await publisher.send(["kitty cats", "meow!"]);
    const [topic, message] = await subscriber.receive();
    seen.push(`${topic}: ${message}`);
    subscriber.unsubscribe("kitty cats");
    const [cancellation] = await publisher.receive();
    seen.push(`${cancellation![0]} ${cancellation!.toString("utf8", 1)}`);
    publisher.close();
    subscriber.close();
    return seen;
  },

  "a request and its reply": async (zmq) => {
    const reply = new zmq.Reply();
    await reply.bind(TCP);
    const serving = (async () => {
      for await (const [message] of reply) {
        await reply.send(String(2 * parseInt(message!.toString(), 10)));
      }
    })();
    const request = new zmq.Request({ receiveTimeout: 5000 });
    request.connect(reply.lastEndpoint!);
    await request.send("4");
    const [result] = await request.receive();
    request.close();
    reply.close();
    await serving; // the iteration ends with the socket
    return [result!.toString(), `${Buffer.isBuffer(result)}`];
  },

  "requests and replies out of turn": async (zmq) => {
    const reply = new zmq.Reply();
    await reply.bind(TCP);
    const serving = (async () => {
      for await (const [message] of reply) {
        setTimeout(() => void reply.send(`re ${message}`), 1);
      }
    })();
    const request = new zmq.Request();
    request.connect(reply.lastEndpoint!);
    const seen: string[] = [];
    const reading = (async () => {
      while (seen.length < 3) seen.push(`${(await request.receive())[0]}`);
    })();
    for (const question of ["a", "b", "c"]) await request.send(question);
    await reading;

    const codeOf = (call: Promise<unknown>) =>
      call.then(() => "done", (error: NodeJS.ErrnoException) => error.code!);
    request.receiveTimeout = 1;
    seen.push(await codeOf(request.receive()));
    request.receiveTimeout = -1;
    const ends = [codeOf(request.receive())];
    request.close();
    reply.close();
    await serving;
    return [...seen, ...await Promise.all(ends)];
  },

  "calls that wait when their socket is closed": async (zmq) => {
    const seen: Promise<string>[] = [];
    const codeOf = (call: Promise<unknown>) =>
      seen.push(
        call.then(() => "done", (error: NodeJS.ErrnoException) => error.code!),
      );
    const iterate = async (socket: AsyncIterable<unknown>) => {
      for await (const _ of socket);
    };
    const sockets = [
      new zmq.Pull(),
      new zmq.Subscriber(),
      new zmq.Router(),
      new zmq.Reply(),
      new zmq.Request(),
    ];
    for (const socket of sockets) codeOf(socket.receive());
    const loops = [new zmq.Pull(), new zmq.Reply(), new zmq.Request()];
    for (const socket of loops) codeOf(iterate(socket));
    const senders = [
      new zmq.Push(),
      new zmq.Dealer(),
      new zmq.Request(),
      new zmq.Reply(),
    ];
    for (const socket of senders) codeOf(socket.send("to no one"));
    for (const socket of [...sockets, ...loops, ...senders]) socket.close();
    return await Promise.all(seen);
  },

  "a router that knows its dealers by name": async (zmq) => {
    const router = new zmq.Router({ mandatory: true, handover: true });
    await router.bind(TCP);
    const dealers = ["a", "b"].map((routingId) => {
      const dealer = new zmq.Dealer({ routingId });
      dealer.connect(router.lastEndpoint!);
      return dealer;
    });
    const seen: string[] = [];
    for (const dealer of dealers) {
      await dealer.send(["", Buffer.from("hello")]);
      const [id, empty, body] = await router.receive();
      seen.push(`${id} ${empty!.length} ${body}`);
      await router.send([id!, null, `for ${id}`]);
      seen.push((await dealer.receive()).join("|"));
    }
    try {
      await router.send(["unknown", "", "?"]);
    } catch (error) {
      seen.push((error as NodeJS.ErrnoException).code!);
    }
    for (const socket of [router, ...dealers]) socket.close();
    return seen;
  },

  "what goes wrong has a code": async (zmq) => {
    const seen: string[] = [];
    const fails = async (what: () => unknown) => {
      try {
        await what();
        seen.push("nothing");
      } catch (error) {
        seen.push((error as NodeJS.ErrnoException).code ?? String(error));
      }
    };
    const pull = new zmq.Pull({ receiveTimeout: 0 });
    await fails(() => pull.receive());
    const push = new zmq.Push({ sendTimeout: 1 });
    await fails(() => push.send("no one takes it"));
    await pull.bind(TCP);
    const other = new zmq.Pull();
    await fails(() => other.bind(pull.lastEndpoint!));
    await fails(() => push.connect("no address"));
    await fails(() => push.connect("foo://127.0.0.1:5555"));
    const request = new zmq.Request({ receiveTimeout: 0 });
    await fails(() => request.receive());
    pull.close();
    await fails(() => pull.bind(TCP));
    for (const socket of [push, other, request]) socket.close();
    return seen;
  },

  "options are properties": (zmq) => {
    const dealer = new zmq.Dealer({ linger: 0, sendHighWaterMark: 7 });
    dealer.routingId = "me";
    dealer.heartbeatInterval = 500;
    dealer.immediate = true;
    const seen = [
      dealer.linger,
      dealer.sendHighWaterMark,
      dealer.receiveHighWaterMark,
      dealer.routingId,
      dealer.heartbeatInterval,
      dealer.immediate,
      dealer.reconnectInterval,
      dealer.sendTimeout,
      dealer.ipv6,
      dealer.plainUsername,
      dealer.lastEndpoint,
      dealer.type,
    ].map(String);
    dealer.close();
    return Promise.resolve(seen);
  },

  "events as listeners and as an iteration": async (zmq) => {
    const seen: string[] = [];
    const pull = new zmq.Pull();
    const accepted = new Promise<void>((resolve) => {
      pull.events.on("bind", ({ address }) => {
        seen.push(`bind ${address.replace(/\d+$/, "port")}`);
      });
      pull.events.on("accept", () => resolve());
    });
    await pull.bind(TCP);
    const push = new zmq.Push({ linger: 0 });
    const shaken = (async () => {
      for await (const event of push.events) {
        if (event.type === "handshake") return event.type;
      }
      return "no handshake";
    })();
    push.connect(pull.lastEndpoint!);
    seen.push(await shaken);
    await accepted;
    push.close();
    pull.close();
    return seen;
  },

  "curve": async (zmq) => {
    const server = zmq.curveKeyPair();
    const client = zmq.curveKeyPair();
    const reply = new zmq.Reply({
      curveServer: true,
      curveSecretKey: server.secretKey,
    });
    const request = new zmq.Request({
      curveServerKey: server.publicKey,
      curvePublicKey: client.publicKey,
      curveSecretKey: client.secretKey,
    });
    await reply.bind(TCP);
    request.connect(reply.lastEndpoint!);
    await request.send("a secret");
    const [secret] = await reply.receive();
    await reply.send("kept");
    const [answer] = await request.receive();
    request.close();
    reply.close();
    return [`${server.publicKey.length}`, `${secret}`, `${answer}`];
  },

  "a handler of zap": async (zmq) => {
    const handler = new zmq.Reply();
    await handler.bind("inproc://zeromq.zap.01");
    const seen: string[] = [];
    const asked = (async () => {
      for (const status of ["400", "200"]) {
        const [version, id, domain, , , mechanism, user, password] =
          await handler.receive();
        seen.push(`${domain} ${mechanism} ${user} ${password}`);
        await handler.send([version!, id!, status, "", user!, ""]);
      }
    })();
    const pull = new zmq.Pull({ plainServer: true, zapDomain: "test" });
    await pull.bind(TCP);
    for (const plainPassword of ["wrong", "right"]) {
      const push = new zmq.Push({
        plainUsername: "me",
        plainPassword,
        linger: 0,
      });
      const refused = new Promise<void>((resolve) => {
        push.events.on("handshake:error:auth", ({ error }) => {
          seen.push(`refused with ${error.status}`);
          resolve();
        });
      });
      push.connect(pull.lastEndpoint!);
      if (plainPassword === "wrong") await refused;
      else {
        await push.send("accepted");
        const [message] = await pull.receive();
        seen.push(message!.toString());
      }
      push.close();
    }
    await asked;
    pull.close();
    handler.close();
    return seen;
  },

  "a proxy": async (zmq) => {
    const proxy = new zmq.Proxy(new zmq.Router(), new zmq.Dealer());
    await proxy.frontEnd.bind(TCP);
    await proxy.backEnd.bind(TCP);
    const running = proxy.run();
    const reply = new zmq.Reply();
    reply.connect(proxy.backEnd.lastEndpoint!);
    const request = new zmq.Request();
    request.connect(proxy.frontEnd.lastEndpoint!);
    await request.send("through");
    await reply.send(await reply.receive());
    const [message] = await request.receive();
    proxy.terminate();
    await running;
    request.close();
    reply.close();
    return [message!.toString()];
  },

  "what can be sent": async (zmq) => {
    const context = new zmq.Context();
    const [a, b] = [new zmq.Pair({ context }), new zmq.Pair({ context })];
    await a.bind("inproc://pair");
    b.connect("inproc://pair");
    const bytes = new Uint8Array([104, 105]);
    await a.send(["text", 42, null, bytes, bytes.buffer]);
    const frames = await b.receive();
    a.close();
    b.close();
    return frames.map((frame) => frame.toString());
  },
};
