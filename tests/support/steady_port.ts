/** Test support. Ports for what is started, ended and started again at the same place. */
export { steadyPort } from "../../scripts/lib/steady_port.ts";
