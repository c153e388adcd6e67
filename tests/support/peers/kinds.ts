/**
 * Test support. The real peers that the engine is tested against, how each is
 * started, and why it may be missing here. They share one protocol; see
 * `peer.ts`.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import {
  commandOf,
  type RuntimeName,
} from "../../pipeline/support/programs.ts";
import { nodeProgram } from "../node_flags.ts";

/** A program that speaks ZeroMQ by way of libzmq. */
export interface PeerKind {
  /** For the names of tests. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The version of its libzmq; empty if it is missing. */
  readonly libzmq: string;
  /** The version of its binding to libzmq; empty if it is missing. */
  readonly version: string;
  /** Why it has no draft types; false if it has. */
  readonly draftless: string | false;
  /** Why it cannot be used here; false if it can. */
  readonly missing: string | false;
}

/** `npm:zeromq`, in a Node process whatever runtime runs the test. */
export function zeromqPeer(): PeerKind {
  const program = script("zeromq_peer.mjs");
  const versions = output("node", [program, "--version"]);
  const [libzmq = "", version = "", draft] = versions?.split(" ") ?? [];
  return {
    name: "zeromq.js",
    command: "node",
    args: ["--no-warnings", program], // it warns of draft types
    libzmq,
    version,
    draftless: draft !== "draft" && "its libzmq is built without them",
    missing: versions === undefined &&
      "npm:zeromq does not load in a `node` of the PATH",
  };
}

/** Debian's python3-zmq; its modules are seen by Debian's own Python alone. */
export function pyzmqPeer(): PeerKind {
  const program = script("pyzmq_peer.py");
  const draftless = "Debian's libzmq is built without them";
  for (const command of ["/usr/bin/python3", "python3"]) {
    const versions = output(command, [program, "--version"]);
    if (versions === undefined) continue;
    const [libzmq = "", version = ""] = versions.split(" ");
    return {
      name: "pyzmq",
      command,
      args: [program],
      libzmq,
      version,
      draftless,
      missing: false,
    };
  }
  return {
    name: "pyzmq",
    command: "python3",
    args: [program],
    libzmq: "",
    version: "",
    draftless,
    missing: "python3-zmq or python3-msgpack is missing",
  };
}

/** Which runtime has the peer of each: together, each is both. */
const NEXT: Readonly<Record<RuntimeName, RuntimeName>> = {
  deno: "node",
  node: "bun",
  bun: "deno",
};

/** This engine on another runtime, for what no libzmq here has: the transport ws. */
export function otherRuntimePeer(runtime: RuntimeName): PeerKind {
  const program = script("agentzero_peer.ts");
  const other = NEXT[runtime];
  const { cmd, args } = commandOf(other);
  return {
    name: "agentzero",
    command: cmd,
    args: other === "node" ? nodeProgram(program) : [...args, program],
    libzmq: "",
    version: "",
    draftless: false,
    missing: false,
  };
}

function script(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** What a program prints; undefined if it fails. */
function output(command: string, args: string[]): string | undefined {
  const { status, stdout } = spawnSync(command, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 20_000,
  });
  return status === 0 ? stdout.trim() : undefined;
}
