/**
 * Test support. The real peers that the engine is tested against, how each is
 * started, and why it may be missing here. They share one protocol; see
 * `peer.ts`.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A program that speaks ZeroMQ by way of libzmq. */
export interface PeerKind {
  /** For the names of tests. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The version of its libzmq. */
  readonly libzmq: string;
  /** Why it cannot be used here; false if it can. */
  readonly missing: string | false;
}

/** `npm:zeromq`, in a Node process whatever runtime runs the test. */
export function zeromqPeer(): PeerKind {
  const program = script("zeromq_peer.mjs");
  const libzmq = output("node", [program, "--version"]);
  return {
    name: "zeromq.js",
    command: "node",
    args: [program],
    libzmq: libzmq ?? "",
    missing: libzmq === undefined &&
      "npm:zeromq does not load in a `node` of the PATH",
  };
}

/** The same for the draft types and STREAM, if its libzmq was built with drafts. */
export function zeromqDraftPeer(): PeerKind {
  const program = script("zeromq_draft_peer.mjs");
  const libzmq = output("node", [program, "--version"]);
  return {
    name: "zeromq.js",
    command: "node",
    args: [program],
    libzmq: libzmq ?? "",
    missing: libzmq === undefined &&
      "npm:zeromq does not load in a `node` of the PATH, or has no drafts",
  };
}

/** Debian's python3-zmq; its modules are seen by Debian's own Python alone. */
export function pyzmqPeer(): PeerKind {
  const program = script("pyzmq_peer.py");
  for (const command of ["/usr/bin/python3", "python3"]) {
    const libzmq = output(command, [program, "--version"]);
    if (libzmq === undefined) continue;
    return { name: "pyzmq", command, args: [program], libzmq, missing: false };
  }
  return {
    name: "pyzmq",
    command: "python3",
    args: [program],
    libzmq: "",
    missing: "python3-zmq or python3-msgpack is missing",
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
