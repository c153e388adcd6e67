/**
 * Scripts. Ports for programs that cannot say which one they were given, or that
 * are ended and started again at the same place. A port that the system chose,
 * as for port 0, it may give to any other process meanwhile; those below are
 * given only to those that ask for them.
 *
 * @module
 */
import { createServer } from "node:net";

/** Systems choose ports from 32768 (Linux) or 49152 on. */
const [LOW, HIGH] = [20_000, 32_000];

/** Finds a port of 127.0.0.1 that is free, and that no system chooses by itself. */
export async function steadyPort(): Promise<number> {
  const [port] = await steadyPorts(1);
  return port!;
}

/** Finds so many ports of the same kind, each another one. */
export async function steadyPorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = LOW + Math.floor(Math.random() * (HIGH - LOW));
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
