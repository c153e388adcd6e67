/**
 * Layer: pipeline. Who may use a pipeline, and which workers it connects to: its
 * keys and token, and the roles of other keys.
 *
 * @module
 */
import type { WorkerPlace } from "./coordinator/coordinator_options.ts";
import type { Faults } from "./model/faults.ts";
import type { KeyRoles, Role } from "./model/roles.ts";
import {
  keyRolesOf,
  linkOptions,
  type Protection,
  serverOptions,
} from "./model/security.ts";
import { requireReachable } from "./model/worker_address.ts";

/** The access to one pipeline. */
export class PipelineAccess {
  readonly protection: Protection;
  /** Whether unencrypted connections beyond loopback are allowed. */
  isInsecure = false;
  readonly #roles: KeyRoles | undefined;
  readonly #faults: Faults;

  constructor(protection: Protection, faults: Faults) {
    this.protection = protection;
    this.#roles = keyRolesOf(protection.security);
    this.#faults = faults;
  }

  /** The options of a socket to which peers with one of these roles may connect. */
  serverOptions(...roles: Role[]): object {
    return serverOptions(this.protection, roles);
  }

  /**
   * The options of a socket that connects to a worker.
   *
   * @param publicKey The worker's, if its socket is a CURVE server.
   */
  workerOptions(publicKey: string | undefined): object {
    return linkOptions(this.protection, publicKey);
  }

  /**
   * Requires that the pipeline may connect to a worker.
   *
   * @param addresses The endpoints of the pipeline, which no worker can have.
   * @throws {PipelineError} `ERR_PIPELINE_INSECURE`.
   */
  requireWorker(
    { address, publicKey }: WorkerPlace,
    addresses: readonly string[],
  ): void {
    const { security, token } = this.protection;
    requireReachable(address, {
      // The token is sent to workers, and must not leave this machine.
      isProtected: security !== undefined ||
        (this.isInsecure && token === undefined),
      addresses,
    });
    this.workerOptions(publicKey);
  }

  /**
   * Requires that a client has one of these roles.
   *
   * @param key Its public key, with CURVE.
   * @param type The type of the request.
   * @throws {PipelineError} `ERR_PIPELINE_FORBIDDEN`.
   */
  requireRole(
    key: string | undefined,
    roles: readonly Role[],
    type: string,
  ): void {
    try {
      this.#roles?.require(key, roles, type);
    } catch (error) {
      this.#faults.report(error as Error, "refused");
      throw error;
    }
  }
}
