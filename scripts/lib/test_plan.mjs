/**
 * Scripts. Which test files run together in a process, and in what order.
 *
 * @module
 */

/** So many files of the quick ones share a process: each needs a quarter of a second to start. */
const TOGETHER = 24;

/**
 * Parts of the paths of files that run alone, the longest first: what starts last
 * ends last. They take seconds; those of `telemetry` set what a whole process shares.
 */
const SLOW = [
  "tests/cli/pipeline.",
  "tests/pipeline/http/browser.",
  "tests/pipeline/chaos/takeover.",
  "tests/pipeline/http/shards.",
  "tests/pipeline/shards.",
  "tests/examples/file_pipeline.",
  "tests/zmq/browser/",
  "tests/pipeline/worker/threads.",
  "tests/cli/postgres.",
  "tests/pipeline/store/postgres_",
  "tests/zmq/interop/conformance.",
  "tests/cli/zmq.",
  "tests/cli/secure_pipeline.",
  "tests/scripts/test_runner.",
  "tests/pipeline/processes.",
  "tests/pipeline/chaos/chaos.",
  "tests/scripts/cli_docs.",
  "tests/examples/peers.",
  "tests/siege/siege.",
  "tests/zmq/interop/pyzmq.",
  "tests/zmq/interop/zeromq.",
  "tests/zmq/interop/old_versions_",
  "tests/zmq/attacks/",
  "tests/pipeline/store/slow_store.",
  "tests/pipeline/store/stores_agree.",
  "tests/zmq/interop/addresses.",
  "tests/pipeline/restart.",
  "tests/pipeline/silence.",
  "tests/zmq/hostile/floods.",
  "tests/examples/",
  "tests/cli/submit_lines.",
  "tests/cli/jobs.",
  "tests/cli/permissions.",
  "tests/cli/usage.",
  "tests/cli/link.",
  "tests/cli/token_pipeline.",
  "tests/cli/environment.",
  "tests/cli/threads.",
  "tests/pipeline/store/sqlite_",
  "tests/pipeline/roles_python.",
  "tests/pipeline/protocol/python.",
  "tests/pipeline/attacks/attacks.",
  "tests/fuzz/fuzz.",
  "tests/zmq/sockets/inproc_threads.",
  "tests/zmq/zmtp/old_sessions.",
  "tests/pipeline/telemetry/",
];

/**
 * A process, and what it runs.
 *
 * @typedef {{ readonly runtime: string, readonly files: readonly string[] }} Unit
 */

/**
 * Gives every file to one process of every runtime; the quick ones share some. On
 * Node only those share one that can be part of a bundle.
 *
 * @param {readonly string[]} runtimes such as `deno` and `node@24`
 * @param {readonly string[]} files
 * @param {(file: string) => boolean} canBundle
 * @returns {Unit[]} in the order in which they are to start
 */
export function planOf(runtimes, files, canBundle = () => true) {
  const slowness = (file) => SLOW.findIndex((part) => file.includes(part));
  const isSlow = (file) => slowness(file) >= 0;
  const slow = files.filter(isSlow).sort((a, b) => slowness(a) - slowness(b));
  const quick = files.filter((file) => !isSlow(file));
  const units = runtimes.flatMap((runtime) => {
    const alone = runtime.startsWith("node")
      ? quick.filter((file) => !canBundle(file))
      : [];
    const groups = [
      ...alone.map((file) => [file]),
      ...chunks(quick.filter((file) => !alone.includes(file)), TOGETHER),
    ];
    return [
      ...slow.map((file, i) => ({ runtime, files: [file], at: i })),
      // The runtimes side by side, so that none is left for the end.
      ...groups.map((files, i) => ({
        ...{ runtime, files },
        at: slow.length + i / groups.length,
      })),
    ];
  });
  return units.sort((a, b) => a.at - b.at)
    .map(({ runtime, files }) => ({ runtime, files }));
}

function chunks(list, size) {
  return Array.from(
    { length: Math.ceil(list.length / size) },
    (_, i) => list.slice(i * size, (i + 1) * size),
  );
}
