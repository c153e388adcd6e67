/**
 * Layer: engine. One address for datagrams, bound or connected: a pipe on one
 * side, a port on the other. What does not fit into the pipe is dropped, as a
 * datagram may be lost anyway.
 *
 *     opening ──the port is open──▶ open ──stop, disconnect, close──▶ closing
 *        └──────────────────destroy──────────────────┴──all is sent──▶ closed
 *
 * @module
 */
import { withResolvers } from "../../async/promises.ts";
import { restOf } from "../endpoint.ts";
import { messageLimitOf } from "../options/message_limit.ts";
import type { Protection } from "../options/protection.ts";
import type { Pipe, PipeHolder } from "../routing/pipe.ts";
import { traitsOf } from "../socket_traits.ts";
import type {
  DatagramPort,
  DatagramTransport,
  IpPort,
} from "../transport/datagram.ts";
import { Backoff } from "./backoff.ts";
import type { Connected } from "./connected.ts";
import {
  type DatagramFormat,
  WITH_ADDRESS,
  WITH_GROUP,
} from "./datagram_format.ts";
import { releaseFor, sessionPipe, type SocketCore } from "./socket_core.ts";
import type { Bound } from "./socket_transport.ts";

/** One bound or connected address of a socket. */
export class DatagramLink implements Bound, Connected, PipeHolder {
  readonly given: string;
  /** None, so that nothing that protects can be set later without an error. */
  readonly protection: Protection;
  readonly #core: SocketCore;
  readonly #transport: DatagramTransport;
  readonly #format: DatagramFormat;
  /** Without it, what the socket writes are its memberships, which cannot be sent. */
  readonly #isSender: boolean;
  /** Our end of the pipe. */
  readonly #pipe: Pipe;
  readonly #backoff: Backoff;
  readonly #closed = withResolvers<void>();
  #port: DatagramPort | undefined;
  #sending = 0;
  #state: "opening" | "open" | "closing" | "closed" = "opening";

  constructor(
    core: SocketCore,
    transport: DatagramTransport,
    given: string,
    use: "bind" | "connect",
  ) {
    this.#core = core;
    this.#transport = transport;
    this.given = given;
    this.protection = {
      mechanism: null,
      authenticatesPeers: false,
      isBound: use === "bind",
    };
    const { datagrams } = traitsOf(core.type);
    this.#format = datagrams === "addressed" ? WITH_ADDRESS : WITH_GROUP;
    this.#isSender = datagrams !== "receive groups";
    this.#backoff = new Backoff(core.options);
    const [ours, theirs] = sessionPipe(core);
    ours.address = given;
    this.#pipe = theirs;
    theirs.holder = this;
  }

  get endpoint(): string {
    return this.#port?.endpoint ?? this.given;
  }

  get sendsDatagrams(): boolean {
    return true;
  }

  get isFinished(): boolean {
    return this.#state === "closed";
  }

  isAt(address: string): boolean {
    return this.#transport.isSame(address, this.endpoint);
  }

  /** Binds. */
  async open(): Promise<void> {
    const { events } = this.#core;
    try {
      await this.#open();
    } catch (error) {
      const address = restOf(this.given);
      events.emit({ type: "bind:error", address, error: error as Error });
      throw error;
    }
    events.emit({ type: "bind", address: this.endpoint });
    this.#core.host.attach(this.#pipe.other);
  }

  /** Connects, and tries again if the host name cannot be resolved. Messages wait meanwhile. */
  start(): void {
    this.#core.host.attach(this.#pipe.other);
    void this.#connect();
  }

  async #connect(): Promise<void> {
    if (this.isFinished) return;
    const { events, failures } = this.#core;
    const address = this.given;
    try {
      await this.#open();
    } catch (cause) {
      if (this.isFinished) return;
      const error = cause as Error;
      failures.set(address, error);
      const interval = this.#backoff.next(true);
      events.emit({ type: "connect:retry", address, interval, error });
      return this.#backoff.wait(interval, () => void this.#connect());
    }
    failures.clear(address);
    events.emit({ type: "connect", address });
    this.#send();
  }

  async #open(): Promise<void> {
    const port = await this.#transport.open(
      this.given,
      this.protection.isBound ? "bind" : "connect",
      this.#core.options,
      (bytes, from) => this.#receive(bytes, from),
    );
    if (this.isFinished) return await port.close();
    this.#port = port;
    if (this.#state === "opening") this.#state = "open";
  }

  #receive(bytes: Uint8Array, from: IpPort): void {
    if (this.#state !== "open") return;
    const limit = messageLimitOf(this.#core.options, this.given);
    if (limit >= 0 && bytes.byteLength > limit) return;
    const message = this.#format.decode(bytes, from);
    if (message !== undefined) this.#pipe.write(message, true);
  }

  #send(): void {
    const { concurrentSends } = this.#transport;
    while (this.#port !== undefined && this.#sending < concurrentSends) {
      const message = this.#pipe.read();
      if (message === undefined) break;
      if (!this.#isSender) continue;
      const { bytes, to } = this.#format.encode(message);
      this.#sending++;
      this.#core.keepAlive.acquire();
      this.#port.send(bytes, to, () => this.#sent());
    }
    this.#closeIfSent();
  }

  #sent(): void {
    this.#sending--;
    this.#core.keepAlive.release();
    this.#send();
  }

  pipeReadable(): void {
    this.#send();
  }

  pipeWritable(): void {}

  pipeClosed(): void {
    this.#end();
  }

  pipeEnding(): void {
    this.#end();
  }

  /** Stops receiving, and closes once everything is sent. */
  #end(): void {
    if (this.isFinished) return;
    this.#state = "closing";
    this.#closeIfSent();
  }

  #closeIfSent(): void {
    if (this.#state !== "closing" || this.#sending > 0) return;
    if (this.#pipe.unread > 0) return;
    this.#close();
  }

  #close(): void {
    if (this.isFinished) return;
    this.#state = "closed";
    const address = this.endpoint;
    this.#pipe.close();
    this.#backoff.stop();
    const closed = this.#port?.close() ?? Promise.resolve();
    void closed.then(() => {
      this.#core.events.emit({ type: "close", address });
      this.#closed.resolve();
    });
  }

  stop(): Promise<void> {
    this.#end();
    return this.finish();
  }

  drain(): void {
    this.#end();
  }

  closePipes(): void {
    releaseFor(this.#core, this.#pipe);
  }

  closePipe(): void {
    this.closePipes();
  }

  disconnect(): void {
    this.#core.failures.clear(this.given);
    this.closePipe();
  }

  /** Resolves once the port is closed. */
  finish(): Promise<void> {
    return this.#closed.promise;
  }

  destroy(): void {
    this.#pipe.discardUnread();
    this.#close();
  }
}
