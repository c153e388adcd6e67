/**
 * Example: clone. One server of a pair as a process, which can be killed.
 *
 *     server_process.ts ROLE HEARTBEAT_MS [ADDRESSES]
 *
 * Prints its addresses, reads those of the other server from standard input, and
 * then prints its state whenever it changes.
 *
 * @module
 */
import process from "node:process";
import { endWithParent } from "../support/child.ts";
import type { Role } from "./binary_star.ts";
import { CloneServer } from "./server.ts";

const [role, heartbeatMs, addresses] = process.argv.slice(2);
const server = new CloneServer({
  role: role as Role,
  heartbeatMs: Number(heartbeatMs),
  onState: (state) => console.log(state),
  onInSync: () => console.log("in sync"),
});
endWithParent((line) => server.join(JSON.parse(line)));
const bound = await server.bind(addresses && JSON.parse(addresses));
console.log(`at ${JSON.stringify(bound)}`);
