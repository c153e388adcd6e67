/**
 * Layer: transport. The transports of this copy of the engine, by name. It
 * imports none of them, so that a build without `node:net` can register others;
 * `register_transports.ts` registers those of Deno, Node and Bun.
 *
 * It is filled while modules are loaded, and by tests. Connections that exist do
 * not change with it.
 *
 * @module
 */
import type { DatagramTransport } from "./datagram.ts";
import type { Transport } from "./wire.ts";

/** A transport of connections, or of datagrams. */
export type AnyTransport = Transport | DatagramTransport;

const registered: Map<string, AnyTransport> = new Map();

/**
 * Registers a transport under its name.
 *
 * @returns Removes it again.
 * @throws {TypeError} There is one of that name.
 */
export function registerTransport(transport: AnyTransport): () => void {
  const { name } = transport;
  if (registered.has(name)) {
    throw new TypeError(`There is a transport "${name}" already`);
  }
  registered.set(name, transport);
  return () => void registered.delete(name);
}

/** The transport of a name. */
export function findTransport(name: string): AnyTransport | undefined {
  return registered.get(name);
}

/** The names of all transports, in the order of their registration. */
export function transportNames(): string[] {
  return [...registered.keys()];
}
