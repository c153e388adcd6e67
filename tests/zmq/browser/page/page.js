// What runs in a page, and in its worker: each function is called by a test.
// Paths of the site, in a variable, so that no type checker looks for them.
const [main, sockets] = ["/mod.js", "/src/zmq/entry.js"];
const { SocketManager } = await import(main);
const zmq = await import(sockets);

const decoder = new TextDecoder();
const text = (message) => message.map((frame) => decoder.decode(frame));

/** A socket that is connected. */
function connected(Type, address, options) {
  const socket = new Type(options);
  socket.connect(address);
  return socket;
}

/** Resolves with the next event of a type. */
const next = (socket, type) =>
  new Promise((resolve) => {
    const listener = (event) => {
      socket.events.off(type, listener);
      resolve(event);
    };
    socket.events.on(type, listener);
  });

/** Chromium sends it in fragments. */
const LARGE = 300_000;

/** What comes back from a server that echoes. */
async function echoed(Type, address, options) {
  const socket = connected(Type, address, options);
  const large = new Uint8Array(LARGE).map((_, i) => i * 7);
  await socket.send(["hello", large, ""]);
  const [hello, back, end] = await socket.receive();
  const isSame = back.every((byte, i) => byte === large[i]);
  await socket.close();
  return [...text([hello, end]), back.length, isSame];
}

/** What a REQ gets with TLS, PLAIN and CURVE, and with a wrong password. */
export async function secured(at) {
  const plain = { plainUsername: "page", plainPassword: "secret" };
  await zmq.curveBackend();
  const { publicKey, secretKey } = zmq.curveKeyPair();
  const curve = {
    curveServerKey: at.curveKey,
    curvePublicKey: publicKey,
    curveSecretKey: secretKey,
  };
  const wrong = connected(zmq.Request, at.plain, {
    ...plain,
    plainPassword: "guess",
  });
  const { error } = await next(wrong, "handshake:error:auth");
  await wrong.close();
  return {
    wss: await echoed(zmq.Request, at.wss),
    PLAIN: await echoed(zmq.Request, at.plain, plain),
    CURVE: await echoed(zmq.Request, at.curve, curve),
    "a wrong password": `${error.name} ${error.status}`,
    "the keys fit": zmq.curvePublicKey(secretKey) === publicKey,
  };
}

/** What each type of socket gets from the servers of `servers.ts`. */
export async function types(at) {
  const results = {};
  const talk = async (name, Type, address) => {
    results[name] = await echoed(Type, address);
  };
  await talk("REQ", zmq.Request, at.reply);
  await talk("DEALER to DEALER", zmq.Dealer, at.dealer);
  await talk("DEALER to ROUTER", zmq.Dealer, at.router);
  await talk("PAIR", zmq.Pair, at.pair);

  const report = connected(zmq.Pull, at.report);
  const reported = async (name) => {
    for (;;) {
      const [from, what] = text(await report.receive());
      if (from === name) return what;
    }
  };
  const push = connected(zmq.Push, at.pull);
  await push.send("pushed");
  results.PUSH = await reported("pull");
  await push.close();
  for (
    const [name, Type] of [["XPUB", zmq.XPublisher], ["PUB", zmq.Publisher]]
  ) {
    const socket = connected(Type, at.sub);
    // It does not report when the subscription has come.
    const timer = setInterval(() => socket.send(name), 20);
    while (await reported("sub") !== name);
    results[name] = "received";
    clearInterval(timer);
    await socket.close();
  }

  for (
    const [name, Type] of [["SUB", zmq.Subscriber], ["XSUB", zmq.XSubscriber]]
  ) {
    const socket = connected(Type, at.xpub);
    if (Type === zmq.Subscriber) socket.subscribe(name);
    else await socket.send(`\x01${name}`);
    results[name] = text(await socket.receive());
    await socket.close();
  }

  const reply = connected(zmq.Reply, at.request);
  const [question] = text(await reply.receive());
  await reply.send(`${question}, answered`);
  results.REP = await reported("request");
  await reply.close();
  await report.close();
  return results;
}

/** Talks inproc, and gives the codes of what a browser cannot do. */
export async function alone() {
  const sockets = new SocketManager();
  await sockets.ensureAndBind("a", zmq.PULL, "inproc://here");
  await sockets.ensureAndConnect("b", zmq.PUSH, "inproc://here");
  await sockets.sendSafe("b", { over: "inproc" });
  const received = await sockets.recvSafe("a");
  await sockets.closeAll();
  const errors = {};
  const attempt = async (name, run) => {
    const socket = new zmq.Dealer();
    try {
      await run(socket);
    } catch (error) {
      errors[name] = `${error.code} ${error.message}`;
    }
    await socket.close();
  };
  await attempt("bind ws", (socket) => socket.bind("ws://127.0.0.1:1"));
  await attempt("bind tcp", (socket) => socket.bind("tcp://127.0.0.1:1"));
  await attempt("ipc", (socket) => socket.connect("ipc://x"));
  await attempt("malformed", (socket) => socket.connect("ws://:0:x"));
  await attempt("server", (socket) => {
    socket.setOption("plainServer", true);
    socket.connect("ws://127.0.0.1:1");
  });
  await attempt("keys", () => zmq.curveKeyPair());
  return { received, errors };
}

let kept;

/** Opens a REQ that stays. */
export function open(address) {
  kept = connected(zmq.Request, address, { relaxed: true, correlate: true });
}

/** Asks it, again and again until there is an answer. */
export async function ask(question) {
  kept.receiveTimeout = 300;
  for (;;) {
    try {
      await kept.send(question);
      return text(await kept.receive())[0];
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
}

/** Resolves with the error of the attempt that was refused. */
export async function refused(address) {
  const socket = new zmq.Dealer();
  const failed = next(socket, "connect:retry");
  socket.connect(address);
  const { error } = await failed;
  await socket.close();
  return `${error.code} ${error.message}`;
}

/** Resolves with the event of the next attempt, when the browser says that it is online. */
export async function comesOnline(address) {
  const socket = new zmq.Dealer({ reconnectInterval: 1_000_000 });
  const failed = next(socket, "connect:retry");
  socket.connect(address);
  const { interval } = await failed;
  const again = next(socket, "connect:delay");
  globalThis.isWaiting = true;
  await again;
  await socket.close();
  return interval >= 1_000_000;
}

let pull;

/** Opens a PULL or SUB that does not read yet. */
export async function hold(type, address, options) {
  pull = connected(zmq[type], address, {
    receiveHighWaterMark: 10,
    ...options,
  });
  if (type === "Subscriber") pull.subscribe("");
  await next(pull, "handshake");
}

/** Reads until its connection ends; resolves with the error. */
export async function readUntilGone() {
  const gone = next(pull, "disconnect");
  (async () => {
    for await (const _ of pull);
  })();
  const { error } = await gone;
  await pull.close();
  return `${error.code} ${error.message}`;
}

/** Reads until a message with the text "end"; gives the numbers at the start of each. */
export async function readAll() {
  const numbers = [];
  for await (const [frame] of pull) {
    if (frame.length === 3 && text([frame])[0] === "end") break;
    numbers.push(new DataView(frame.buffer, frame.byteOffset).getUint32(0));
  }
  await pull.close();
  return numbers;
}

/** Sends messages to a DEALER that gives them back; resolves with how many bytes came. */
export async function flood(address, size, count) {
  const socket = connected(zmq.Dealer, address);
  const body = new Uint8Array(size);
  let bytes = 0;
  const reading = (async () => {
    for (let i = 0; i < count; i++) bytes += (await socket.receive())[0].length;
  })();
  for (let i = 0; i < count; i++) await socket.send(body);
  await reading;
  await socket.close();
  return bytes;
}

/** Calls a function of this module in a worker. */
export function inWorker(name, ...args) {
  const worker = new Worker("/worker.js", { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data: { result, error } }) => {
      worker.terminate();
      if (error === undefined) resolve(result);
      else reject(new Error(error));
    };
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage({ name, args });
  });
}
