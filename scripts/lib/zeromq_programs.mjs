/**
 * Short programs that use npm:zeromq, to see what it does on a runtime. Prints
 * `done` when the program came to its last line.
 *
 *     node scripts/lib/zeromq_programs.mjs import|pipe|flood|wait|timeout|close|exit
 *
 * @module
 */
import process from "node:process";

/** @type {Record<string, (zmq: import("zeromq")) => unknown>} */
const PROGRAMS = {
  /** Loads it, and asks for the version of libzmq. */
  import: (zmq) => zmq.version,

  /** Sends a message from PUSH to PULL over TCP. */
  async pipe(zmq) {
    const { push, pull } = await connected(zmq);
    await push.send("hello");
    const [message] = await pull.receive();
    if (String(message) !== "hello") throw new Error(`got ${message}`);
    push.close();
    pull.close();
  },

  /** Sends 10,000 messages one way, while they are received. */
  async flood(zmq) {
    const { push, pull } = await connected(zmq);
    const sent = (async () => {
      for (let i = 0; i < 10_000; i++) await push.send(String(i));
    })();
    for (let i = 0; i < 10_000; i++) {
      const [message] = await pull.receive();
      if (String(message) !== String(i)) throw new Error(`got ${message}`);
    }
    await sent;
    push.close();
    pull.close();
  },

  /** Waits for a message that comes later. */
  async wait(zmq) {
    const { push, pull } = await connected(zmq);
    const received = pull.receive();
    setTimeout(() => push.send("hello"), 50);
    await received;
    push.close();
    pull.close();
  },

  /** Waits for a message that does not come, until the time is over. */
  async timeout(zmq) {
    const { push, pull } = await connected(zmq);
    pull.receiveTimeout = 50;
    const code = await pull.receive().then(() => "a message", (e) => e.code);
    if (code !== "EAGAIN") throw new Error(`got ${code}`);
    push.close();
    pull.close();
  },

  /** Closes a socket for which somebody waits. */
  async close(zmq) {
    const { push, pull } = await connected(zmq);
    const received = pull.receive().then(() => "a message", (e) => e.code);
    setTimeout(() => pull.close(), 50);
    const code = await received;
    if (code !== "EAGAIN") throw new Error(`got ${code}`);
    push.close();
  },

  /** Ends with open sockets. */
  async exit(zmq) {
    await connected(zmq);
  },
};

async function connected(zmq) {
  const pull = new zmq.Pull();
  await pull.bind("tcp://127.0.0.1:*");
  const push = new zmq.Push({ linger: 0 });
  push.connect(pull.lastEndpoint);
  return { push, pull };
}

const program = PROGRAMS[process.argv[2]];
if (program === undefined) throw new Error("There is no such program");
const zmq = await import("zeromq");
await program("Push" in zmq ? zmq : zmq.default);
console.log("done");
