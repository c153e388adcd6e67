/**
 * Examples of peers. Waits for software that says nowhere that it is ready.
 *
 * @module
 */
import { connect } from "node:net";
import { pause } from "../../guide/support/scene.ts";

const PATIENCE_MS = 30_000;

/** Resolves once somebody accepts connections at this port of 127.0.0.1. */
export async function untilListening(port: number): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!await isListening(port)) {
    if (Date.now() > end) throw new Error(`No program listens at port ${port}`);
    await pause(50);
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}
