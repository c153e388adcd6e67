/**
 * Layer: cli. The version of the package, and what it runs on.
 *
 * @module
 */
import process from "node:process";

export { RELEASE as VERSION } from "../zmq/release.ts";

/** What `--version --verbose` adds, a line each. */
export async function surroundings(): Promise<string> {
  // The engine is loaded for this alone.
  const { curveBackend } = await import("../zmq/zmtp/mechanism/sodium.ts");
  const { versions, platform, arch } = process;
  const runtime = versions.deno !== undefined
    ? `Deno ${versions.deno}`
    : versions.bun !== undefined
    ? `Bun ${versions.bun}`
    : `Node ${versions.node}`;
  return `runtime  ${runtime} on ${platform}-${arch}\n` +
    `CURVE    ${await curveBackend()}\n`;
}
