/**
 * Layer: util (internal).
 *
 * The signals that ask a process to terminate.
 *
 * | signal | sent by |
 * |---|---|
 * | `SIGINT` | Ctrl-C |
 * | `SIGTERM` | `kill`, systemd, Docker, Kubernetes; not on Windows |
 * | `SIGHUP` | a closed terminal, also on Windows |
 * | `SIGBREAK` | Ctrl-Break, on Windows only |
 *
 * @module
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { isGranted } from "./deno_permission.ts";

const STATUS_FILE = "/proc/self/status";

/**
 * Calls back for every such signal, instead of terminating the process.
 *
 * @param listener Gets the number of signals so far, from 1.
 * @returns Removes the listener.
 */
export function onTermination(listener: (count: number) => void): () => void {
  let count = 0;
  const onSignal = () => listener(++count);
  const listeners = signals().map((name) => [name, onSignal] as const);
  listeners.push(["SIGHUP", isHangupIgnored() ? () => {} : onSignal]);
  for (const [name, each] of listeners) process.on(name, each);
  return () => {
    for (const [name, each] of listeners) process.off(name, each);
  };
}

function signals(): NodeJS.Signals[] {
  const common = ["SIGINT", "SIGTERM"] as const;
  return process.platform === "win32" ? [...common, "SIGBREAK"] : [...common];
}

/**
 * Whether the process was started by `nohup`, to outlive its terminal. Node
 * resets that when it starts, Deno with its first signal listener.
 */
function isHangupIgnored(): boolean {
  if (process.platform !== "linux") return false;
  if (!isGranted({ name: "read", path: STATUS_FILE })) return false;
  try {
    const status = readFileSync(STATUS_FILE, "utf8");
    const ignored = /^SigIgn:\s*([0-9a-f]+)$/m.exec(status)?.[1];
    return ignored !== undefined &&
      (Number.parseInt(ignored.slice(-1), 16) & 1) === 1;
  } catch {
    return false; // not mounted, or Deno needs -A to read it
  }
}
