/**
 * Layer: pipeline. Where a pipeline listens: one socket for clients and workers,
 * one for watchers. The two for workers of version 1 of the protocol are opened
 * when they have addresses of their own, or when the first peer of that version
 * asks for them.
 *
 * @module
 */
import { sleep } from "../async/pending_call.ts";
import { SocketManager } from "../manager/mod.ts";
import { RAW } from "../serializers/mod.ts";
import {
  ANNOUNCED_SOCKETS,
  bindError,
  type ListenAddresses,
  type SocketName,
} from "./listen_options.ts";
import { PipelineError } from "./model/pipeline_error.ts";
import type { PipelineAddresses } from "./pipeline_options.ts";
import {
  type AnnouncedSockets,
  openAnnouncedSockets,
  openSockets,
  type PipelineSockets,
  type SocketSettings,
} from "./sockets.ts";

/** Opens the sockets of one pipeline. */
export class Listener {
  readonly #sockets: SocketManager;
  #bindTo: ListenAddresses | undefined;
  #addresses: PipelineAddresses | undefined;
  #announcing: Promise<void> | undefined;

  constructor(sockets: SocketManager) {
    this.#sockets = sockets;
  }

  /** The endpoints; `undefined` before `open`. */
  get addresses(): PipelineAddresses | undefined {
    return this.#addresses;
  }

  /** Listens for clients, workers and watchers. */
  async open(
    bindTo: ListenAddresses,
    settings: SocketSettings,
  ): Promise<PipelineSockets> {
    this.#bindTo = bindTo;
    const opened = openSockets(this.#sockets, settings);
    for (const name of ["requests", "feed"] as const) await this.#bind(name);
    this.#addresses = {
      requests: opened.requests.lastEndpoint!,
      feed: opened.feed.lastEndpoint!,
    };
    return opened;
  }

  /** Whether the sockets for workers of version 1 have addresses of their own. */
  get isAnnounced(): boolean {
    return this.#bindTo?.isAnnounced === true;
  }

  /**
   * Listens for workers of version 1, too. Safe to call again.
   *
   * @param use Called with the sockets, once.
   */
  announce(
    settings: SocketSettings,
    use: (opened: AnnouncedSockets) => void,
  ): Promise<void> {
    return this.#announcing ??= this.#announce(settings, use)
      .catch(async (error) => {
        this.#announcing = undefined; // the next one who asks tries again
        for (const name of ANNOUNCED_SOCKETS) await this.#sockets.close(name);
        throw error;
      });
  }

  async #announce(
    settings: SocketSettings,
    use: (opened: AnnouncedSockets) => void,
  ): Promise<void> {
    const opened = openAnnouncedSockets(this.#sockets, settings);
    for (const name of ANNOUNCED_SOCKETS) await this.#bind(name);
    this.#addresses = {
      ...this.#addresses!,
      results: opened.results.lastEndpoint!,
      events: opened.events.lastEndpoint!,
    };
    use(opened);
  }

  async #bind(name: SocketName): Promise<void> {
    await bind(this.#sockets, name, this.#bindTo![name]);
  }
}

/** The pause before an address that is in use is tried again, in milliseconds. */
const AGAIN_MS = 300;
/** How often. */
const TRIES = 3;

/**
 * Listens at each address for a moment, so that one that cannot be used is reported
 * before it is needed. Other standbys may be doing the same.
 *
 * @throws {PipelineError} `ERR_PIPELINE_ADDRESS`.
 * @throws {SocketBindError} If an address cannot be bound for another reason.
 */
export async function checkAddresses(
  bindTo: ListenAddresses,
  settings: SocketSettings,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 1;; tries++) {
    const sockets = new SocketManager({ serializationBackend: new RAW() });
    try {
      openSockets(sockets, settings);
      for (const name of ["requests", "feed"] as const) {
        await bind(sockets, name, bindTo[name]);
      }
      return;
    } catch (error) {
      const isUsed = error instanceof PipelineError &&
        error.code === "ERR_PIPELINE_ADDRESS";
      if (!isUsed || tries >= TRIES) throw error;
    } finally {
      await sockets.closeAll();
    }
    await sleep(AGAIN_MS, signal);
  }
}

async function bind(
  sockets: SocketManager,
  name: SocketName,
  address: string,
): Promise<void> {
  try {
    await sockets.bind(name, address);
  } catch (error) {
    throw bindError(name, address, error);
  }
}
