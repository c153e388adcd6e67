/**
 * Layer: pipeline/model. Roles by CURVE key: which keys may submit, work, or
 * operate a pipeline. Without `allow` every key that is accepted has all roles.
 *
 * @module
 */
import { optionNames } from "../../util/check_options.ts";
import { invalid, requireOptions, shown } from "./check.ts";
import { PipelineError } from "./pipeline_error.ts";

/**
 * What the holder of a key may do: a `client` submits, reads and watches; a
 * `worker` takes jobs and reports their results; an `operator` reads and
 * watches, and changes what others have submitted.
 */
export type Role = "client" | "worker" | "operator";

/** The public keys of each role. A key may be in several lists; one in none is refused. */
export interface AllowedKeys {
  /** Keys that may submit, read and watch. Default: none. */
  readonly clients?: readonly string[];
  /** Keys that may work. Default: none. */
  readonly workers?: readonly string[];
  /**
   * Keys that may read and watch, and pause, resume, drain, cancel, retry,
   * remove, promote, change priorities, schedule and unschedule. Default: none.
   */
  readonly operators?: readonly string[];
}

/** All roles. */
export const ROLES: readonly Role[] = ["client", "worker", "operator"];

const OPTIONS = optionNames<AllowedKeys>({
  clients: true,
  workers: true,
  operators: true,
});
const LIST_OF: Readonly<Record<Role, keyof AllowedKeys>> = {
  client: "clients",
  worker: "workers",
  operator: "operators",
};

/**
 * Throws unless the value has a list of keys for each role that it names, or is
 * undefined.
 *
 * @param requireKey Throws unless a value is a key.
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function requireAllowedKeys(
  allow: AllowedKeys | undefined,
  requireKey: (name: string, key: unknown) => void,
): void {
  if (allow === undefined) return;
  if (typeof allow !== "object" || allow === null || Array.isArray(allow)) {
    throw invalid(
      `allow of security must be { clients, workers, operators }, not ${
        shown(allow)
      }`,
    );
  }
  requireOptions(allow, OPTIONS, "allow of security");
  for (const role of ROLES) {
    const name = `allow.${LIST_OF[role]}`;
    const keys = allow[LIST_OF[role]];
    if (keys === undefined) continue;
    if (!Array.isArray(keys)) {
      throw invalid(`${name} of security must be a list of public keys`);
    }
    for (const key of keys) requireKey(name, key);
  }
}

/** The roles of all keys that a pipeline accepts. */
export class KeyRoles {
  readonly #roles: Map<string, Set<Role>> = new Map();

  /** @param all The keys that have every role. */
  constructor(allow: AllowedKeys, all: readonly string[] = []) {
    for (const role of ROLES) {
      for (const key of [...allow[LIST_OF[role]] ?? [], ...all]) {
        const roles = this.#roles.get(key) ?? new Set();
        this.#roles.set(key, roles.add(role));
      }
    }
  }

  /** The keys that have one of these roles. */
  keysOf(roles: readonly Role[]): string[] {
    return [...this.#roles.keys()].filter((key) => this.has(key, roles));
  }

  /** Whether a key has one of these roles. */
  has(key: string | undefined, roles: readonly Role[]): boolean {
    const those = key === undefined ? undefined : this.#roles.get(key);
    return those !== undefined && roles.some((role) => those.has(role));
  }

  /**
   * Refuses a request for which a key has no role.
   *
   * @param type The request's.
   * @throws {PipelineError} `ERR_PIPELINE_FORBIDDEN`.
   */
  require(
    key: string | undefined,
    roles: readonly Role[],
    type: string,
  ): void {
    if (this.has(key, roles)) return;
    const those = key === undefined ? undefined : this.#roles.get(key);
    const has = those === undefined ? "none" : [...those].join(", ");
    throw new PipelineError(
      "ERR_PIPELINE_FORBIDDEN",
      `The request "${type}" needs the role ${
        roles.join(" or ")
      }; this key has ${has}`,
    );
  }
}
