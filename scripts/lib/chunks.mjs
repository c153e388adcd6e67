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
 * In browsers these come first. They hold what the entry points export, and what
 * else is only loaded on demand: it must not be in a chunk that every page loads.
 */
const CHUNKS_OF_BROWSERS = {
  errors: /^src\/errors\.ts/,
  log_records:
    /^src\/(manager\/logging\/(printable|printf)|util\/serialized_exception)\.ts/,
  services: /^src\/zmq\/(mod\.ts|proxy\/(?!reply_error))/,
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
 * @param {"server" | "browser"} [platform]
 * @returns {string | undefined}
 */
export function chunkOf(path, isInCommandLine = false, platform = "server") {
  if (isInCommandLine && !path.startsWith("src/cli/")) return "base";
  const chunks = platform === "browser"
    ? { ...CHUNKS_OF_BROWSERS, ...CHUNKS }
    : CHUNKS;
  return Object.entries(chunks).find(([, holds]) => holds.test(path))?.[0];
}
