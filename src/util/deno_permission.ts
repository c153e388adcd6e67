/**
 * Layer: util (internal).
 *
 * Looks up a permission of Deno before Node's API is used: a listener that is
 * refused by the sandbox throws where nobody can catch it. On Node and Bun
 * everything is permitted. It never decides what to do without a permission.
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
 * Whether a permission is granted. Deno is never made to ask for it: a library
 * must not stop a program for a prompt in a terminal.
 *
 * @returns `true` outside Deno.
 */
export function isGranted(descriptor: PermissionDescriptor): boolean {
  const { Deno } = globalThis as { Deno?: { permissions?: Permissions } };
  if (!Deno?.permissions) return true;
  return Deno.permissions.querySync(descriptor).state === "granted";
}
