/**
 * Examples of peers. Runs the scene of an example, or says what it cannot find.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { play } from "../../guide/support/scene.ts";
import { missing } from "./missing.ts";

/** The exit code of a scene whose software is missing. */
export const SKIPPED = 77;

/** Plays the scene in a temporary folder, and prints what it returns. */
export async function playWith(
  name: string,
  scene: (folder: string) => Promise<string>,
): Promise<void> {
  const reason = missing(name);
  if (reason) {
    console.log(`skipped: ${reason}`);
    process.exitCode = SKIPPED;
    return;
  }
  // A short name: the path of a Unix socket may have no more than about 100 bytes.
  const folder = await mkdtemp(join(tmpdir(), "az-"));
  await play(() => scene(folder));
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
