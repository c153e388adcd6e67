/**
 * Layer: transport. The file of a bound Unix domain socket. Removing it by its
 * name may remove another's: another process may have removed ours and bound the
 * path meanwhile. So files are distinguished by their inodes; no other file has
 * ours as long as our socket is open.
 *
 * @module
 */
import { lstatSync, renameSync, rmSync } from "node:fs";
import type { Server } from "node:net";
import { mayWrite } from "./permission.ts";

/** Which file is at a path now; undefined if there is none, or it may not be seen. */
export function fileAt(
  path: string,
): { readonly id: string; readonly isSocket: boolean } | undefined {
  try {
    const stats = lstatSync(path, { bigint: true });
    return { id: `${stats.dev}:${stats.ino}`, isSocket: stats.isSocket() };
  } catch {
    return undefined;
  }
}

/** The file of one bound socket. */
export class SocketFile {
  readonly #path: string;
  readonly #id: string | undefined;

  /** @param path Where a server has just been bound. */
  constructor(path: string) {
    this.#path = path;
    this.#id = fileAt(path)?.id;
  }

  /** Whether the file at the path is the one that was made for us. */
  get isOurs(): boolean {
    return this.#id !== undefined && fileAt(this.#path)?.id === this.#id;
  }

  /**
   * Closes the server, and removes its file if it is still there.
   *
   * @throws The file cannot be removed; the server is closed nevertheless.
   */
  close(server: Server): void {
    const restore = this.#setAside();
    server.close();
    restore();
    if (this.isOurs) rmSync(this.#path, { force: true });
  }

  /**
   * The runtimes remove the path by themselves when the server is closed,
   * whosever file is there: another's is elsewhere meanwhile. On Deno that needs
   * the permission to write beside it.
   *
   * @returns Puts it back.
   */
  #setAside(): () => void {
    const isOther = fileAt(this.#path) !== undefined && !this.isOurs;
    const aside = `${this.#path}.${crypto.randomUUID()}`;
    if (!isOther || !mayWrite(aside)) return () => {};
    try {
      renameSync(this.#path, aside);
    } catch {
      return () => {}; // then it cannot be removed, either
    }
    return () => renameSync(aside, this.#path);
  }
}
