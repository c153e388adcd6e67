/**
 * Test support. What happens to hosts: to that of a worker, to that of the pipeline,
 * to the network between them.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { CLIENT_IP, DATABASE_IP, type Host, NET } from "./network.ts";
import type { Stage } from "./stage.ts";

/** Something that happens. */
export interface Scene {
  /** For the command line. */
  readonly name: string;
  /** For the table. */
  readonly title: string;
  /** Whether two processes run the pipeline, over PostgreSQL. */
  readonly isPair?: boolean;
  /** The host of the first worker. Default: one like all others. */
  readonly addHost?: (stage: Stage) => Promise<Host>;
  /** How long to go on after it is over, in milliseconds. Default: that of all scenes. */
  readonly afterMs?: number;
  /** Does it; resolves when it is over. */
  readonly perform: (stage: Stage) => Promise<unknown>;
}

const SECOND = 1000;

/** The host of the first worker: it is the one that something happens to. */
function victimOf({ workers }: Stage): Host {
  return workers[0]!.host;
}

async function cut(host: Host, ms: number): Promise<void> {
  await host.cut();
  await sleep(ms);
  await host.mend();
}

const cuts: Scene[] = [5, 30, 90].flatMap((s) => [
  {
    name: `worker-cut-${s}`,
    title: `the cable of a worker's host is cut for ${s} s`,
    perform: (stage) => cut(victimOf(stage), s * SECOND),
  },
  {
    name: `pipeline-cut-${s}`,
    title: `the cable of the pipeline's host is cut for ${s} s`,
    perform: (stage) => cut(stage.leader.host, s * SECOND),
  },
]);

/** All of them. */
export const SCENES: readonly Scene[] = [
  {
    name: "worker-gone",
    title: "a worker's host vanishes for good",
    async perform(stage) {
      await victimOf(stage).cut(); // first, or its connections would be closed
      stage.workers[0]!.program.kill("SIGKILL");
    },
  },
  ...cuts,
  {
    name: "worker-deaf",
    title: "what is sent to a worker's host is dropped for 30 s",
    async perform(stage) {
      await victimOf(stage).deafen();
      await sleep(30 * SECOND);
      await victimOf(stage).receiveAgain();
    },
  },
  {
    name: "worker-mute",
    title: "what a worker's host sends is dropped for 30 s",
    async perform(stage) {
      const { host } = stage.leader;
      await host.deafen(victimOf(stage).ip);
      await sleep(30 * SECOND);
      await host.receiveAgain();
    },
  },
  {
    name: "flapping",
    title: "the cable of a worker's host comes and goes every second for 20 s",
    async perform(stage) {
      for (let n = 0; n < 10; n++) {
        await cut(victimOf(stage), SECOND);
        await sleep(SECOND);
      }
    },
  },
  {
    name: "address",
    title: "a worker's host gets another address",
    afterMs: 20 * SECOND, // its connections are silent first
    perform: (stage) => victimOf(stage).move(`${NET}.0.99`),
  },
  {
    name: "nat",
    title: "a worker behind masquerading NAT, which nothing can connect to",
    addHost: ({ network }) => network.addHostBehindNat(10),
    perform: () => sleep(10 * SECOND),
  },
  {
    name: "far",
    title: "100 ms and 1 % loss in each direction to a worker's host",
    addHost: ({ network }) =>
      network.addHostFarAway(10, { delayMs: 100, lossPercent: 1 }),
    perform: () => sleep(20 * SECOND),
  },
  {
    name: "mtu",
    title: "packets to and from a worker's host have 576 bytes at most",
    async addHost({ network }) {
      const host = await network.addHost(10);
      await host.setMtu(576);
      return host;
    },
    perform: () => sleep(10 * SECOND),
  },
  {
    name: "leader-cut",
    title: "the leader's cable is cut for 30 s; another process stands by",
    isPair: true,
    async perform(stage) {
      const last = stage.leader;
      await last.host.cut();
      const cutAt = performance.now();
      await stage.nextLeader(last);
      await sleep(30 * SECOND - (performance.now() - cutAt));
      await last.host.mend();
    },
  },
  {
    name: "leader-database",
    title: "nothing from the database reaches the leader for 30 s",
    isPair: true,
    async perform(stage) {
      const last = stage.leader;
      await last.host.deafen(DATABASE_IP);
      await stage.nextLeader(last);
      await sleep(30 * SECOND);
      await last.host.receiveAgain();
    },
  },
  {
    name: "leader-clients",
    title:
      "only the database reaches the leader, and no client or worker, for 20 s",
    isPair: true,
    async perform(stage) {
      const { host } = stage.leader;
      await host.deafen(CLIENT_IP, ...stage.workers.map(({ host }) => host.ip));
      await sleep(20 * SECOND);
      await host.receiveAgain();
    },
  },
];
