/**
 * Layer: pipeline/protocol. How a worker proves its identity: its id is a hash of
 * a secret that only the worker and its pipeline know. So a pipeline can check
 * it right after a restart, before it knows any worker.
 *
 * @module
 */
import process from "node:process";

/** How many hexadecimal digits of the hash an id has: 160 bits. */
const DIGITS = 40;
/** The form of ids that are derived from a secret. */
const FORM = /^[0-9a-f]{40}$/;

/** Makes a secret: 122 random bits. */
export function newSecret(): string {
  return crypto.randomUUID();
}

/** The id of the worker with this secret: the first 40 hexadecimal digits of its SHA-256. */
export function workerIdOf(secret: string): string {
  const { createHash } = process.getBuiltinModule("node:crypto");
  return createHash("sha256").update(secret).digest("hex").slice(0, DIGITS);
}

/** Whether an id is derived from a secret, which its user then has to know. */
export function needsSecret(id: string): boolean {
  return FORM.test(id);
}
