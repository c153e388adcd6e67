/**
 * A server of each socket type that a page can talk to, by ws; a REP with PLAIN,
 * CURVE and TLS each. It prints its process id and where they are bound, and ends
 * with its input.
 *
 * @module
 */
import process from "node:process";
import * as zmq from "../../../../src/zmq/mod.ts";
import { SERVER } from "../../transport/ws/tls_options.ts";

/** Where to bind each, if not to any port. */
const ports: Record<string, number> = JSON.parse(process.argv[2] ?? "{}");
const endpoints: Record<string, string> = {};

async function bound<T extends zmq.Socket>(
  name: string,
  socket: T,
  scheme = "ws",
): Promise<T> {
  await socket.bind(`${scheme}://127.0.0.1:${ports[name] ?? "*"}/${name}`);
  endpoints[name] = socket.lastEndpoint!;
  return socket;
}

/** Gives back whatever comes. */
async function echo(socket: zmq.Reply | zmq.Dealer): Promise<void> {
  for await (const message of socket) await socket.send(message);
}

/** Sends whatever comes to the PULL of the page. */
async function report(name: string, socket: zmq.Pull | zmq.Subscriber) {
  for await (const message of socket) await reports.send([name, ...message]);
}

/** Sends news to each topic that somebody subscribes to. */
async function publish(publisher: zmq.XPublisher): Promise<void> {
  for await (const [subscription] of publisher) {
    if (subscription![0] !== 1) continue;
    await publisher.send([subscription!.subarray(1), "news"]);
  }
}

async function ask(request: zmq.Request): Promise<void> {
  for (;;) {
    await request.send("question");
    await reports.send(["request", ...await request.receive()]);
  }
}

const reports = await bound("report", new zmq.Push());
void echo(await bound("reply", new zmq.Reply()));
void echo(await bound("dealer", new zmq.Dealer()));
void echo(await bound("router", new zmq.Router()) as unknown as zmq.Dealer);
void echo(await bound("pair", new zmq.Pair()) as unknown as zmq.Dealer);
void publish(await bound("xpub", new zmq.XPublisher()));
void report("pull", await bound("pull", new zmq.Pull()));
const subscriber = await bound("sub", new zmq.Subscriber());
subscriber.subscribe("");
void report("sub", subscriber);
void ask(await bound("request", new zmq.Request()));

const { publicKey, secretKey } = zmq.curveKeyPair();
const CURVE = { curveServer: true, curveSecretKey: secretKey };
const PLAIN: Partial<zmq.SecurityOptions> = {
  plainServer: true,
  authenticate: (request) =>
    request.mechanism === "PLAIN" && request.password === "secret",
};
void echo(await bound("plain", new zmq.Reply(PLAIN)));
void echo(await bound("curve", new zmq.Reply(CURVE)));
void echo(await bound("wss", new zmq.Reply(SERVER), "wss"));
endpoints.curveKey = publicKey;

console.log(`${process.pid} ${JSON.stringify(endpoints)}`);
process.stdin.on("end", () => process.exit(0)).resume();
