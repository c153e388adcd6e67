/**
 * Layer: options. The options of servers, and of transports of the operating
 * system: those that a browser does not have.
 *
 * @module
 */
import {
  duration,
  flag,
  type OptionSpec,
  orForever,
  text,
  ZMTP,
} from "./spec.ts";
import { MAX_INT, type OptionName } from "./values.ts";

const pem: OptionSpec = {
  kind: "text",
  default: null,
  isSecret: true,
  mayBeEmpty: true,
  types: ZMTP,
};

/** Their rows of the table. */
export const OPTIONS_OF_SERVERS = {
  backlog: { number: 19, ...duration, unit: "connections", default: 100 },
  maxConnections: { ...duration, unit: "connections", default: 10_000 },
  maxConnectionsPerAddress: { ...duration, unit: "connections", default: 0 },
  maxHandshakes: { ...duration, unit: "connections", default: 4000 },
  wsOrigins: { kind: "origins", default: [], types: ZMTP },
  tlsCert: { number: 104, ...pem },
  tlsKey: { number: 103, ...pem },
  tlsCa: { number: 105, ...pem },
  tlsHostname: {
    number: 106,
    ...text,
    mayBeEmpty: true,
    isSecret: true,
    types: ZMTP,
  },
  tlsTrustSystem: { number: 107, ...flag, isSecret: true, types: ZMTP },
  tcpKeepalive: { number: 34, kind: "integer", min: -1, max: 1, default: -1 },
  tcpKeepaliveIdle: { number: 36, ...orForever, unit: "s", default: -1 },
  affinity: {
    number: 4,
    kind: "integer",
    min: 0,
    max: 2 ** 64 - 1, // a number has the first 53 of the 64 bits
    default: 0,
  },
  sendBufferSize: { number: 11, ...orForever, unit: "bytes", default: -1 },
  receiveBufferSize: { number: 12, ...orForever, unit: "bytes", default: -1 },
  tcpKeepaliveCount: {
    number: 35,
    kind: "integer",
    min: -1,
    max: MAX_INT,
    default: -1,
  },
  tcpKeepaliveInterval: { number: 37, ...orForever, unit: "s", default: -1 },
  rate: { number: 8, kind: "integer", min: 0, max: MAX_INT, default: 100 },
  recoveryInterval: { number: 9, ...duration, default: 10_000 },
  multicastHops: {
    number: 25,
    kind: "integer",
    min: 0,
    max: MAX_INT,
    default: 1,
  },
  multicastLoop: { number: 96, ...flag, default: true },
  multicastMaxTransportDataUnit: {
    number: 84,
    ...duration,
    unit: "bytes",
    default: 1500,
  },
  loopbackFastPath: { number: 94, ...flag },
  typeOfService: { number: 57, kind: "integer", min: 0, max: 255, default: 0 },
  socksProxy: { number: 68, kind: "address", mayBeEmpty: true, default: null },
  socksUsername: { number: 99, ...text, mayBeEmpty: true, isSecret: true },
  socksPassword: { number: 100, ...text, mayBeEmpty: true, isSecret: true },
  plainServer: { number: 44, ...flag, isSecret: true, types: ZMTP },
  curveServer: { number: 47, ...flag, isSecret: true, types: ZMTP },
  curveAllowedKeys: {
    kind: "keys",
    default: null,
    isSecret: true,
    types: ZMTP,
  },
  authenticate: {
    kind: "function",
    default: null,
    isSecret: true,
    types: ZMTP,
  },
  zapDomain: {
    number: 55,
    ...text,
    mayBeEmpty: true,
    isSecret: true,
    types: ZMTP,
  },
  zapEnforceDomain: { number: 93, ...flag, isSecret: true, types: ZMTP },
} satisfies Partial<Record<OptionName, OptionSpec>>;
