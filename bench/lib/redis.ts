/**
 * Benchmarks. A Redis of our own, on a Unix socket in a folder that is gone in
 * the end.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createInterface } from "node:readline";

/** What is on the disk, and when: by snapshots alone, or each command in a log. */
export type Durability = "default" | "everysec" | "always";

/** It may live for so long, in milliseconds. */
const DEADLINE_MS = 120_000;

/** A server at work. */
export class Redis implements AsyncDisposable {
  /** The path of its socket. */
  readonly socket: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  private constructor(folder: string, durability: Durability) {
    mkdirSync(folder);
    this.socket = `${folder}/redis.sock`;
    const log = durability === "default"
      ? []
      : ["--appendonly", "yes", "--appendfsync", durability];
    this.#child = spawn("redis-server", [
      ...["--port", "0", "--unixsocket", this.socket, "--dir", folder],
      ...["--loglevel", "notice", "--daemonize", "no", ...log],
    ], { stdio: ["ignore", "pipe", "inherit"] });
    this.#exited = once(this.#child, "exit");
    // One that is silent is no server, and is not waited for.
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), DEADLINE_MS);
    void this.#exited.then(() => clearTimeout(timer));
  }

  /** Starts one, with no settings but these. */
  static async start(folder: string, durability: Durability): Promise<Redis> {
    const redis = new Redis(folder, durability);
    for await (const line of createInterface({ input: redis.#child.stdout! })) {
      if (!/ready to accept connections/i.test(line)) continue;
      redis.#child.stdout!.resume();
      return redis;
    }
    throw new Error("redis-server ended before it was ready");
  }

  /** Ends it, once it has written what it keeps. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#exited;
  }
}
