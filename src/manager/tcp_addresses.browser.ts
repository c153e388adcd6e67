/**
 * Layer: manager.
 *
 * Addresses of TCP, which a browser does not have: the engine refuses them.
 *
 * @module
 */

/** The browser resolves names itself. */
export async function requireHost(): Promise<void> {}

/** Only inproc can be bound. */
export function publicEndpoint(endpoint: string): Promise<string> {
  return Promise.resolve(endpoint);
}

/** The engine refuses it. */
export function withAnyPort(address: string): string {
  return address;
}
