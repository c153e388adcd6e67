/**
 * Test support. Drives a real peer in a child process: one JSON line each for
 * a command and its answer. A peer is started once for a test file, outside of
 * its tests, and serves them all; what a test opens is closed when it ends.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { eventually } from "../deadline.ts";
import type { TestContext } from "../harness.ts";
import { bytes } from "./zmtp_bytes.ts";
import type { PeerKind } from "./kinds.ts";

/** What can be one frame here. */
export type Frame = string | Uint8Array;

/** Options by the names of zeromq.js; a value in an array is bytes in base64. */
export type PeerOptions = Readonly<
  Record<string, string | number | boolean | [base64: string]>
>;

/** The peer could not do what was asked. */
export class PeerError extends Error {
  override readonly name = "PeerError";
  /** The code of the peer's own error. */
  readonly code: string | undefined;

  constructor(what: string, code: string | undefined, message: string) {
    super(`The peer cannot ${what}: ${message}`);
    this.code = code;
  }
}

interface Pending {
  readonly what: string;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** A peer at work. */
export class Peer implements AsyncDisposable {
  readonly kind: PeerKind;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #pending: Map<number, Pending> = new Map();
  #lastId = 0;
  #hasEnded = false;

  /** Starts the peer's process. */
  constructor(kind: PeerKind) {
    this.kind = kind;
    const { FORCE_COLOR: _1, NODE_OPTIONS: _2, ...env } = process.env;
    this.#child = spawn(kind.command, kind.args, {
      stdio: ["pipe", "pipe", "inherit"],
      env,
    });
    const fail = (error: Error) => {
      this.#hasEnded = true;
      for (const { reject } of this.#pending.values()) reject(error);
      this.#pending.clear();
    };
    this.#child.on("error", fail);
    this.#child.stdin!.on("error", () => {}); // reported by "close"
    this.#exited = new Promise((resolve) => {
      this.#child.on("close", () => {
        fail(new Error(`The peer ${kind.name} has ended`));
        resolve();
      });
    });
    createInterface({ input: this.#child.stdout! })
      .on("line", (line) => this.#answered(line));
    this.#keepAlive(false);
  }

  /** Opens a socket that is closed when the test ends. */
  async open(
    t: TestContext,
    type: string,
    options: PeerOptions = {},
  ): Promise<PeerSocket> {
    const id = await this.ask("open", { type, options }) as number;
    return t.use(new PeerSocket(this, id, type));
  }

  /** Whether the process is gone. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Gives a command; resolves to its value. */
  ask(what: string, details: Record<string, unknown>): Promise<unknown> {
    if (this.#hasEnded) throw new Error(`The peer ${this.kind.name} has ended`);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { what, resolve, reject });
      this.#keepAlive(true);
      this.#child.stdin!.write(
        `${JSON.stringify({ id, do: what, ...details })}\n`,
      );
    });
  }

  /** Kills the process, as an out-of-memory killer would; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#keepAlive(true);
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  #answered(line: string): void {
    const { id, value, error } = JSON.parse(line);
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#keepAlive(false);
    if (error === undefined) pending?.resolve(value);
    else {
      pending?.reject(new PeerError(pending.what, error.code, error.message));
    }
  }

  /** Whether the child keeps this process alive: only while it owes an answer. */
  #keepAlive(isNeeded: boolean): void {
    const handles = [
      this.#child,
      this.#child.stdin as Writable & Handle,
      this.#child.stdout as Readable & Handle,
    ];
    for (const handle of handles) {
      if (isNeeded) handle.ref?.();
      else handle.unref?.();
    }
  }
}

interface Handle {
  ref?(): void;
  unref?(): void;
}

/** A socket of a peer. */
export class PeerSocket implements AsyncDisposable {
  readonly type: string;
  readonly #peer: Peer;
  readonly #id: number;
  #isClosed = false;

  /** Use {@link Peer.open}. */
  constructor(peer: Peer, id: number, type: string) {
    this.#peer = peer;
    this.#id = id;
    this.type = type;
  }

  /** Binds; resolves to the real endpoint. */
  async bind(address: string): Promise<string> {
    return await this.ask("bind", { address }) as string;
  }

  /** Binds to an address that libzmq, which closes behind the scenes, may not have freed yet. */
  async rebind(address: string): Promise<void> {
    await eventually(
      () =>
        this.bind(address).catch((error: unknown) => {
          if ((error as PeerError).code === "EADDRINUSE") return false;
          throw error;
        }),
      5000,
      `${address} to be free`,
    );
  }

  async unbind(address: string): Promise<void> {
    await this.ask("unbind", { address });
  }

  /** Connects. @param routingId What a ROUTER calls the peer there. */
  async connect(address: string, routingId?: string): Promise<void> {
    await this.ask("connect", { address, routingId });
  }

  async disconnect(address: string): Promise<void> {
    await this.ask("disconnect", { address });
  }

  async send(...frames: Frame[]): Promise<void> {
    await this.ask("send", { frames: frames.map(encode) });
  }

  async receive(): Promise<Uint8Array[]> {
    return (await this.ask("receive", {}) as string[]).map(decode);
  }

  /** Sends `count` messages whose last frame is "0", "1", … behind the frames of `head`. */
  async sendSeries(count: number, head: Frame[] = []): Promise<void> {
    await this.ask("sendSeries", { count, head: head.map(encode) });
  }

  /** The last frames of the next `count` messages. */
  async receiveSeries(count: number): Promise<string[]> {
    return await this.ask("receiveSeries", { count }) as string[];
  }

  async subscribe(topic: Frame): Promise<void> {
    await this.ask("subscribe", { topic: encode(topic) });
  }

  async unsubscribe(topic: Frame): Promise<void> {
    await this.ask("unsubscribe", { topic: encode(topic) });
  }

  /** Closes. @param linger In milliseconds; 0 unless the socket was opened with another. */
  async close(linger?: number): Promise<void> {
    if (this.#isClosed || this.#peer.hasEnded) return;
    this.#isClosed = true;
    await this.ask("close", { linger });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Gives a command about this socket; see the peer's program. */
  ask(what: string, details: Record<string, unknown>): Promise<unknown> {
    return this.#peer.ask(what, { socket: this.#id, ...details });
  }
}

function encode(frame: Frame): string {
  return Buffer.from(bytes(frame)).toString("base64");
}

function decode(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}
