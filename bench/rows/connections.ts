/**
 * Benchmarks. Many connections: what a ROUTER with many peers can do, and what
 * a connection takes in memory.
 *
 * @module
 */
import { rawOf } from "../lib/contenders.ts";
import { ANY_PORT, type Row, start } from "../lib/row.ts";
import { type Samples, spreadOf } from "../lib/rounds.ts";
import { lines, table, tenths, times, whole } from "../lib/table.ts";

const PEERS = [10, 1000, 10_000];
const IDLE = 2000;
const KIB = 1024;
/**
 * So long, in milliseconds, connections are idle before their memory is measured,
 * twice: V8 grows what it has for new objects, to 32 MiB, while many of them stay.
 * It gives that back in the first garbage collection after 5 s in which it has
 * allocated next to nothing, and Deno's V8 some seconds after that.
 */
const IDLE_MS = 6000;

/** A row: the same messages among few and among many peers. */
export const router: Row = {
  name: "router",
  async run({ rounds, field }) {
    const { engines, zeromqJs, pyzmq, c } = field;
    const counts = rounds.cases(PEERS)
      .map((n) => rounds.count(n, Math.min(n, 100)));
    const found: Samples[] = [];
    for (const peers of counts) {
      // The ROUTER's process and the peers' have a file each for a connection.
      found.push(
        await rounds.play(
          `ROUTER with ${peers} peers`,
          [...engines, zeromqJs, pyzmq, c],
          async (contender) => {
            await using router = start(contender, "router", { bind: ANY_PORT });
            const connect = await router.endpoint();
            router.order("memory");
            const before = await router.number("memory");
            // The peers are always the same: DEALERs of this engine on Node.
            await using dealers = start(engines[0]!, "dealers", {
              connect,
              peers,
            });
            dealers.order("go");
            await dealers.answer();
            router.order("memory");
            const memory = (await router.number("memory") - before) / peers /
              KIB;
            const count = rounds.count(
              Math.ceil(50_000 * rounds.effort.seconds),
              100,
            );
            dealers.order(count);
            const ms = await dealers.number("ms");
            dealers.order("stop");
            router.order("stop");
            await Promise.all([dealers.end(), router.end()]);
            return { rate: count / ms * 1000, memory };
          },
        ),
      );
    }
    const names = [...found[0]!.keys()];
    const medians = (name: string, value: string) =>
      found.map((s) => spreadOf(s.get(name) ?? [], value).median);
    return {
      title: "ROUTER with many peers",
      text:
        "DEALERs of this engine in one other process on Node, each with its own " +
        "connection, send 64 B and get it back; 64 messages are in transit at a time. " +
        "Echoes per second, and the rate with the most peers as a share of that with the " +
        "fewest; and the growth of the resident memory of the ROUTER's process for each " +
        "peer, in KiB (with few peers this is mostly code that the first message loads).",
      tables: [
        {
          title: "Echoes per second",
          table: lines(
            ["", ...counts.map(whole), "kept"],
            names.map((name) => {
              const rates = medians(name, "rate");
              return [
                name,
                ...rates.map(whole),
                times(rates.at(-1)! / rates[0]!),
              ];
            }),
          ),
        },
        {
          title: "KiB for each peer",
          table: lines(
            ["", ...counts.slice(1).map(whole)],
            names.map((
              name,
            ) => [name, ...medians(name, "memory").slice(1).map(tenths)]),
          ),
        },
      ],
    };
  },
};

/** A row: what an idle connection takes. */
export const idle: Row = {
  name: "idle",
  async run({ rounds, field }) {
    const { engines, raw } = field;
    const peers = rounds.count(IDLE, 100);
    const samples = await rounds.play(
      `${peers} idle connections`,
      engines.flatMap((engine, i) => [raw[i]!, engine]),
      async (contender) => {
        await using server = start(contender, "router", { bind: ANY_PORT });
        const connect = await server.endpoint();
        server.order("memory");
        const before = await server.number("memory");
        await using clients = start(contender, "dealers", { connect, peers });
        clients.order("go");
        await clients.answer();
        let [connecting, bound] = [0, 0];
        for (let times = 0; times < 2; times++) {
          const idleMs = rounds.effort.isShort ? 0 : IDLE_MS;
          await new Promise((resolve) => setTimeout(resolve, idleMs));
          for (const program of [clients, server]) program.order("memory");
          connecting = await clients.number("memory") / peers / KIB;
          bound = (await server.number("memory") - before) / peers / KIB;
        }
        for (const program of [clients, server]) program.order("stop");
        await Promise.all([clients.end(), server.end()]);
        return { bound, connecting };
      },
    );
    return {
      title: "Memory of a connection",
      text:
        `Resident memory in KiB for each of ${
          whole(peers)
        } connections over which one ` +
        `message was sent back and forth, after ${
          2 * IDLE_MS / 1000
        } s without a message and ` +
        "garbage collection: in the process that " +
        "bound one ROUTER, and in the one that has a DEALER for each. `node:net` has the same " +
        "number of sockets without ZeroMQ.",
      tables: [{
        title: "KiB for each connection",
        table: table("", samples, [
          { title: "bound side", value: "bound", show: tenths },
          { title: "against node:net", value: "bound", against: rawOf(field) },
          { title: "connecting side", value: "connecting", show: tenths },
          {
            title: "against node:net",
            value: "connecting",
            against: rawOf(field),
          },
        ]),
      }],
    };
  },
};
