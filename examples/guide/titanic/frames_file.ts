/**
 * Example: titanic. A message as a file: each frame is its length, four bytes
 * in network order, and its bytes. A file exists completely or not at all,
 * whenever the power fails: it is written under another name, flushed to disk,
 * renamed, and then the folder is flushed to disk, too.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";

/** The suffix of a file that is not complete yet. */
export const UNFINISHED = ".unfinished";

/** Writes a message; resolves when it is on the disk. */
export async function writeFrames(
  path: string,
  frames: readonly Uint8Array[],
): Promise<void> {
  const parts: Uint8Array[] = [];
  for (const frame of frames) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(frame.byteLength);
    parts.push(length, frame);
  }
  const file = await open(path + UNFINISHED, "w");
  try {
    await file.writeFile(Buffer.concat(parts));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(path + UNFINISHED, path);
  await syncFolder(dirname(path));
}

/** Reads a message; `undefined` if there is no such file. */
export async function readFrames(
  path: string,
): Promise<Uint8Array[] | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error: unknown) {
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    throw error;
  }
  const frames: Uint8Array[] = [];
  for (let at = 0; at < bytes.byteLength;) {
    const end = at + 4 <= bytes.byteLength
      ? at + 4 + bytes.readUInt32BE(at)
      : Infinity;
    if (end > bytes.byteLength) throw new Error(`"${path}" is damaged`);
    frames.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return frames;
}

/** Flushes the list of files to disk. Windows does that by itself, and has no call for it. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
