/**
 * Example: clone. One server of a pair as a process, to be killed.
 *
 *     server_process.ts ROLE HEARTBEAT_MS [ADDRESSES]
 *
 * Prints its addresses, reads those of the other one from its standard input,
 * and then prints what it does whenever that changes.
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
  onInStep: () => console.log("in step"),
});
endWithParent((line) => server.join(JSON.parse(line)));
const bound = await server.bind(addresses && JSON.parse(addresses));
console.log(`at ${JSON.stringify(bound)}`);
