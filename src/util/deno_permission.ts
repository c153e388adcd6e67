/**
 * Layer: util (internal).
 *
 * Queries a permission of Deno before Node's API is used: if the sandbox denies
 * it, a listener throws where the error cannot be caught. On Node and Bun
 * everything is permitted.
 *
 * @module
 */

/** The permissions that the utilities need. */
export type PermissionDescriptor =
  | { name: "net"; host: string }
  | { name: "sys"; kind: "hostname" | "networkInterfaces" }
  | { name: "env"; variable?: string }
  | { name: "read"; path: string };

interface Permissions {
  querySync(descriptor: PermissionDescriptor): { state: string };
}

/**
 * Whether a permission is granted. This never prompts: a library must not block
 * a program with a prompt in a terminal.
 *
 * @returns `true` outside Deno.
 */
export function isGranted(descriptor: PermissionDescriptor): boolean {
  const { Deno } = globalThis as { Deno?: { permissions?: Permissions } };
  if (!Deno?.permissions) return true;
  return Deno.permissions.querySync(descriptor).state === "granted";
}
