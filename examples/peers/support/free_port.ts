/**
 * Examples of peers. Ports for software that cannot say which one it was given.
 *
 * @module
 */
export {
  steadyPort as freePort,
  steadyPorts as freePorts,
} from "../../../scripts/lib/steady_port.ts";
