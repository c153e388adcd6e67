/**
 * Layer: pipeline/protocol. A worker proves that it is the one with an id: the id
 * is made from a secret, which only the worker and its pipeline know. So a
 * pipeline that was started anew, and knows nobody yet, can check it too.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** How many hexadecimal digits of the hash an id has: 160 bits. */
const DIGITS = 40;
/** The form of the ids that are made from a secret. */
const FORM = /^[0-9a-f]{40}$/;

/** Makes a secret: 122 random bits. */
export function newSecret(): string {
  return crypto.randomUUID();
}

/** The id of the worker with this secret: the first 40 hexadecimal digits of its SHA-256. */
export function workerIdOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex").slice(0, DIGITS);
}

/** Whether an id is made from a secret, so that whoever uses it has to know that. */
export function needsSecret(id: string): boolean {
  return FORM.test(id);
}
