/**
 * Example: titanic. Requests and replies on the disk, in one folder:
 *
 *     ID.request   the service, then the body
 *     ID.reply     the body of the reply
 *
 * There is no other state, so nothing has to be repaired after a crash: a
 * request without a reply is to be executed. There are no sockets here.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  readFrames,
  syncFolder,
  UNFINISHED,
  writeFrames,
} from "./frames_file.ts";

/** A request without a reply. */
export interface PendingRequest {
  readonly id: string;
  readonly service: string;
}

const REQUEST = ".request";
const REPLY = ".reply";

/** The requests in one folder. Only one process may use it at a time. */
export class RequestStore {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Opens a folder, which is created if needed, and removes what a crash has left incomplete. */
  static async open(folder: string): Promise<RequestStore> {
    await mkdir(folder, { recursive: true });
    const names = new Set(await readdir(folder));
    for (const name of names) {
      const isOrphan = name.endsWith(REPLY) &&
        !names.has(name.slice(0, -REPLY.length) + REQUEST);
      if (isOrphan || name.endsWith(UNFINISHED)) await rm(join(folder, name));
    }
    return new RequestStore(folder);
  }

  /** Stores a request; resolves with its id, 32 hexadecimal digits, once it is on the disk. */
  async add(
    service: string,
    body: readonly Uint8Array[],
  ): Promise<PendingRequest> {
    const id = randomUUID().replaceAll("-", "");
    const head = new TextEncoder().encode(service);
    await writeFrames(this.#path(id, REQUEST), [head, ...body]);
    return { id, service };
  }

  /** The body of a request, by its id. */
  async body(id: string): Promise<readonly Uint8Array[] | undefined> {
    return (await this.#request(id))?.slice(1);
  }

  /** The reply to a request, by its id. */
  async reply(id: string): Promise<readonly Uint8Array[] | undefined> {
    return isId(id) ? await readFrames(this.#path(id, REPLY)) : undefined;
  }

  /** Stores a reply; resolves once it is on the disk. */
  async saveReply(id: string, body: readonly Uint8Array[]): Promise<void> {
    await writeFrames(this.#path(id, REPLY), body);
    // The request may have been removed in the meantime, and then the reply is not needed.
    if (await this.#request(id) === undefined) await this.remove(id);
  }

  /** Removes a request and its reply. */
  async remove(id: string): Promise<void> {
    if (!isId(id)) return;
    // In this order: a reply without a request is removed at the next start, but a
    // request without a reply would be executed again.
    await rm(this.#path(id, REQUEST), { force: true });
    await rm(this.#path(id, REPLY), { force: true });
    await syncFolder(this.#folder);
  }

  /** The requests without a reply, the oldest first. */
  async pending(): Promise<PendingRequest[]> {
    const names = new Set(await readdir(this.#folder));
    const found: (PendingRequest & { ms: number })[] = [];
    for (const name of names) {
      const id = name.slice(0, -REQUEST.length);
      if (name !== id + REQUEST || names.has(id + REPLY)) continue;
      const [service] = await this.#request(id) ?? [];
      const { mtimeMs: ms } = await stat(this.#path(id, REQUEST));
      const text = new TextDecoder().decode(service);
      if (service) found.push({ id, service: text, ms });
    }
    found.sort((a, b) => a.ms - b.ms);
    return found.map(({ id, service }) => ({ id, service }));
  }

  async #request(id: string): Promise<Uint8Array[] | undefined> {
    return isId(id) ? await readFrames(this.#path(id, REQUEST)) : undefined;
  }

  #path(id: string, suffix: string): string {
    return join(this.#folder, id + suffix);
  }
}

/** Ids come from clients, and are used in file names. */
function isId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}
