/**
 * Layer: util (internal).
 *
 * Asks Deno for a permission before Node's API is used: a listener that is
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
  query(descriptor: PermissionDescriptor): Promise<{ state: string }>;
  querySync(descriptor: PermissionDescriptor): { state: string };
  request(descriptor: PermissionDescriptor): Promise<{ state: string }>;
}

/**
 * Whether a permission is granted.
 *
 * @param descriptor The permission.
 * @param canAsk Whether Deno may ask the person at the terminal.
 * @returns `true` outside Deno.
 */
export async function isPermitted(
  descriptor: PermissionDescriptor,
  canAsk: boolean,
): Promise<boolean> {
  const { Deno } = globalThis as { Deno?: { permissions?: Permissions } };
  if (!Deno?.permissions) return true;
  const status = canAsk
    ? await Deno.permissions.request(descriptor)
    : await Deno.permissions.query(descriptor);
  return status.state === "granted";
}

/**
 * Whether a permission is granted already. Nobody is asked for it: what can do
 * without must not stop for a question in a terminal.
 *
 * @returns `true` outside Deno.
 */
export function isGranted(descriptor: PermissionDescriptor): boolean {
  const { Deno } = globalThis as { Deno?: { permissions?: Permissions } };
  if (!Deno?.permissions) return true;
  return Deno.permissions.querySync(descriptor).state === "granted";
}
