/**
 * Scripts. The large modules of the npm package, and what each holds.
 *
 * @module
 */

/**
 * The chunks, by the folders and files that they hold: the first that fits. What
 * is in none of them is in the entry point that imports it; what is only loaded
 * on demand, by `import()`, is in a chunk of its own.
 */
const CHUNKS = {
  zmq: /^src\/(async|zmq)\/(?!v5\/|zeromq\/|entry\.ts)/,
  manager: /^src\/(errors\.ts|util\/|serializers\/|manager\/)/,
  http: /^src\/pipeline\/http\//,
  pipeline: /^src\/pipeline\//,
  cli: /^src\/cli\/(?!bin\.ts)/,
};

/**
 * The chunks that do something by being loaded, for bundlers, which drop others
 * that nothing is imported from: the engine registers its transports.
 */
export const CHUNKS_WITH_EFFECTS = ["zmq"];

/** The entry point of the command line. */
export const COMMAND_LINE = "src/cli/bin.ts";

/**
 * The chunk of a module that is loaded at start. What the command line needs
 * before it loads a command is apart, so that `--help` loads neither the engine
 * nor the pipeline.
 *
 * @param {string} path such as `src/zmq/mod.ts`
 * @param {boolean} [isInCommandLine] whether the command line loads it at start
 * @returns {string | undefined}
 */
export function chunkOf(path, isInCommandLine = false) {
  if (isInCommandLine && !path.startsWith("src/cli/")) return "base";
  return Object.entries(CHUNKS).find(([, holds]) => holds.test(path))?.[0];
}
