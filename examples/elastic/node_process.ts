/**
 * Example `elastic`: a node. It asks the front to connect to it, runs tasks, and
 * leaves on the line `leave`, after its last task.
 *
 *     node_process.ts NAME ADDRESS_OF_THE_FRONT
 *
 * @module
 */
import process from "node:process";
import { SocketManager, zmq } from "@agentzero/agentzero";
import { endWithParent } from "../guide/support/child.ts";
import { pause } from "../guide/support/scene.ts";
import type { Instruction } from "./instruction.ts";

const [name, front] = process.argv.slice(2) as [string, string];
const TASK_MS = 20;

const sockets = new SocketManager();
const tasks = await sockets.ensureAndBind(
  "tasks",
  zmq.REP,
  "tcp://127.0.0.1:*",
);
await sockets.ensureAndConnect("front", zmq.REQ, front);
void sockets.serve("tasks", async (n) => {
  await pause(TASK_MS);
  return (n as number) ** 2;
}).catch(() => {}); // closed

const instruct = (action: Instruction["action"]) =>
  sockets.request("front", {
    action,
    node: name,
    address: tasks.lastEndpoint!,
  });

endWithParent(async (line) => {
  if (line !== "leave") return;
  await instruct("leave");
  await sockets.closeAll();
  process.exit(0);
});
await instruct("join");
