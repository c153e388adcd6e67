/**
 * Layer: cli. The version of the package.
 *
 * @module
 */
export { RELEASE as VERSION } from "../zmq/release.ts";
