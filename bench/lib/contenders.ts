/**
 * Benchmarks. Who takes part: this engine on each runtime, npm:zeromq, pyzmq
 * and C on libzmq, and node:net by itself; and why one that is missing is.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bun, deno, node } from "../../scripts/runtimes.mjs";
import type { Workshop } from "./workshop.ts";

/** One who takes part. */
export interface Contender {
  /** For tables, and to be found by. */
  readonly name: string;
  readonly command: readonly string[];
  /** The versions of what it stands on. */
  readonly versions: string;
  /** Why it cannot take part. */
  readonly missing: string | undefined;
}

/** Those of a run. */
export interface Field {
  /** This engine, on Node, Deno and Bun. */
  readonly engines: readonly Contender[];
  /** `node:net` by itself, on the same three, in the same order. */
  readonly raw: readonly Contender[];
  /** The pipeline of this project, on the same three. */
  readonly jobs: readonly Contender[];
  /** The same where there is SQLite; on a later Node, if this one has none. */
  readonly jobsInSqlite: readonly Contender[];
  /** BullMQ on Node, which needs a Redis. */
  readonly bullmq: Contender;
  /** On Node; not installed with the project: `npm install --no-save pg-boss graphile-worker`. */
  readonly pgBoss: Contender;
  readonly graphileWorker: Contender;
  /** Over WebSocket: jszmq, and the library ws by itself, both on Node. */
  readonly jszmq: Contender;
  readonly rawWs: Contender;
  readonly zeromqJs: Contender;
  readonly pyzmq: Contender;
  readonly c: Contender;
}

/** Finds `node:net` of the same runtime, for a column that compares with it. */
export function rawOf(
  { engines, raw }: Field,
): (name: string) => string | undefined {
  return (name) => raw[engines.findIndex((one) => one.name === name)]?.name;
}

const peer = (name: string) =>
  fileURLToPath(new URL(`../peers/${name}`, import.meta.url));

/** Finds out who is there. */
export async function fieldOf(workshop: Workshop): Promise<Field> {
  const js = await workshop.javaScript();
  const onNode = [node().cmd, "--expose-gc", "--no-warnings"];
  const onDeno = [
    output([
      deno().cmd,
      ...deno().args,
      "eval",
      "console.log(Deno.execPath())",
    ])!,
    ...["run", "--no-check", "--quiet", "-A", "--v8-flags=--expose-gc"],
  ];
  const onBun = [bun().cmd, "run"];
  const versions = {
    Node: output([node().cmd, "-p", "process.versions.node"]),
    Deno: output([onDeno[0]!, "eval", "console.log(Deno.version.deno)"]),
    Bun: output([onBun[0]!, "-e", "console.log(Bun.version)"]),
  };
  const everywhere = (name: string, program: string): Contender[] =>
    Object.entries(versions).map(([runtime, version], i) => ({
      name: `${name} on ${runtime}`,
      command: [
        [...onNode, join(js, `bench/peers/${program}.js`)],
        [...onDeno, peer(`${program}.ts`)],
        [...onBun, peer(`${program}.ts`)],
      ][i]!,
      versions: `${runtime} ${version}`,
      missing: version === undefined ? `${runtime} does not run` : undefined,
    }));
  const jobs = everywhere("agentzero", "jobs");
  return {
    engines: everywhere("agentzero", "engine"),
    raw: everywhere("node:net", "raw_net"),
    jobs,
    jobsInSqlite: withSqlite(jobs),
    bullmq: bullmq([...onNode, join(js, "bench/peers/bullmq.js")]),
    pgBoss: optional("pg-boss", [
      ...onNode,
      join(js, "bench/peers/pg_boss.js"),
    ]),
    graphileWorker: optional(
      "graphile-worker",
      [...onNode, join(js, "bench/peers/graphile_worker.js")],
    ),
    jszmq: overWs("jszmq", [...onNode, join(js, "bench/peers/jszmq.js")]),
    rawWs: overWs("ws", [...onNode, join(js, "bench/peers/raw_ws.js")]),
    zeromqJs: zeromqJs([...onNode, join(js, "bench/peers/zeromq_js.js")]),
    pyzmq: pyzmq(),
    c: c(workshop),
  };
}

/** Which Node npm is asked for, where this one is too old. */
const LATER_NODE = "24";

function withSqlite([onNode, ...others]: readonly Contender[]): Contender[] {
  const look = ["-e", 'import("node:sqlite")'];
  const [file, ...args] = onNode!.command;
  if (output([file!, ...look]) !== undefined) return [onNode!, ...others];
  const found: Contender[] = [
    { ...onNode!, missing: `${onNode!.versions} has no node:sqlite` },
  ];
  try {
    const { cmd } = node(LATER_NODE);
    found.push({
      name: `${onNode!.name} ${LATER_NODE}`,
      command: [cmd, ...args],
      versions: `Node ${output([cmd, "-p", "process.versions.node"])}`,
      missing: undefined,
    });
  } catch {
    // npm cannot be reached; the output says so.
  }
  return [...found, ...others];
}

function bullmq(command: string[]): Contender {
  const redis = output(["redis-server", "--version"])
    ?.match(/v=(\S+)/)?.[1];
  const look =
    'require("bullmq") && require("ioredis") && require("bullmq/package.json").version';
  const version = output([command[0]!, "-p", look]);
  return {
    name: "BullMQ on Node",
    command,
    versions: `BullMQ ${version} with Redis ${redis}`,
    missing: redis === undefined
      ? "redis-server is missing"
      : version === undefined
      ? "npm:bullmq does not load, or npm:ioredis"
      : undefined,
  };
}

/** A package on Node that is not installed with the project. */
function optional(name: string, command: string[]): Contender {
  const look = `require("${name}/package.json").version`;
  const version = output([command[0]!, "-p", look]);
  return {
    name: `${name} on Node`,
    command,
    versions: `${name} ${version}`,
    missing: version === undefined
      ? `it is not installed: npm install --no-save ${name}`
      : undefined,
  };
}

/** jszmq, or the ws that it brings along. */
function overWs(name: "jszmq" | "ws", command: string[]): Contender {
  const look = name === "jszmq"
    ? 'require("jszmq/package.json").version'
    : 'require("module").createRequire(require.resolve("jszmq"))("ws/package.json").version';
  const version = output([command[0]!, "-p", look]);
  return {
    name: `${name} on Node`,
    command,
    versions: `${name} ${version}`,
    missing: version === undefined ? "npm:jszmq does not load" : undefined,
  };
}

function zeromqJs(command: string[]): Contender {
  const look = 'import("zeromq").then((zmq) => console.log(zmq.version))';
  const libzmq = output([command[0]!, "-e", look]);
  return {
    name: "npm:zeromq on Node",
    command,
    versions: `npm:zeromq with libzmq ${libzmq}`,
    missing: libzmq === undefined ? "npm:zeromq does not load" : undefined,
  };
}

/** Debian's python3-zmq is seen by Debian's own Python alone. */
function pyzmq(): Contender {
  const look =
    "import zmq; print(zmq.__version__, 'with libzmq', zmq.zmq_version())";
  for (const python of ["/usr/bin/python3", "python3"]) {
    const versions = output([python, "-c", look]);
    if (versions === undefined) continue;
    return {
      name: "pyzmq",
      command: [python, peer("pyzmq.py")],
      versions: `pyzmq ${versions}`,
      missing: undefined,
    };
  }
  return {
    name: "pyzmq",
    command: [],
    versions: "",
    missing: "python3-zmq is missing",
  };
}

function c(workshop: Workshop): Contender {
  try {
    const program = workshop.compileC();
    const versions = output(["pkg-config", "--modversion", "libzmq"]);
    return {
      name: "C on libzmq",
      command: [program],
      versions: `C with libzmq ${versions ?? "of an unknown version"}`,
      missing: undefined,
    };
  } catch {
    const missing = "a C compiler or libzmq3-dev is missing";
    return { name: "C on libzmq", command: [], versions: "", missing };
  }
}

/** What a program prints; undefined if it fails. */
function output([command, ...args]: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(command!, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return status === 0 ? stdout.trim() : undefined;
}
