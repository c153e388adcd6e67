/**
 * Layer: options. Options of libzmq and zeromq.js that this engine does
 * not have, each with the reason: setting one is a clear error, never accepted
 * and ignored.
 *
 * @module
 */

const NO_THREADS = "there are no I/O threads here";
const NO_MULTICAST = "there is no multicast transport here";
const NO_BUFFERS = "node:net gives no access to the system's buffers";
const NO_KEEPALIVE = "node:net sets only tcpKeepalive and tcpKeepaliveIdle";
const NO_GSSAPI = "GSSAPI is not supported; use CURVE";
const NO_VMCI = "there is no VMCI transport here";
const NOT_YET = "it is not supported yet";

/** By the name in zeromq.js: the number in libzmq, and why it is not here. */
export const ABSENT_OPTIONS: Readonly<
  Record<string, readonly [number: number, reason: string]>
> = {
  affinity: [4, NO_THREADS],
  rate: [8, NO_MULTICAST],
  recoveryInterval: [9, NO_MULTICAST],
  sendBufferSize: [11, NO_BUFFERS],
  receiveBufferSize: [12, NO_BUFFERS],
  multicastHops: [25, NO_MULTICAST],
  tcpKeepaliveCount: [35, NO_KEEPALIVE],
  tcpKeepaliveInterval: [37, NO_KEEPALIVE],
  tcpAcceptFilter: [38, "use the option authenticate, which is told addresses"],
  typeOfService: [57, "node:net gives no access to it"],
  gssapiServer: [62, NO_GSSAPI],
  gssapiPrincipal: [63, NO_GSSAPI],
  gssapiServicePrincipal: [64, NO_GSSAPI],
  gssapiPlainText: [65, NO_GSSAPI],
  socksProxy: [68, NOT_YET],
  manual: [71, NOT_YET],
  tcpMaxRetransmitTimeout: [80, "node:net gives no access to it"],
  multicastMaxTransportDataUnit: [84, NO_MULTICAST],
  vmciBufferSize: [85, NO_VMCI],
  vmciBufferMinSize: [86, NO_VMCI],
  vmciBufferMaxSize: [87, NO_VMCI],
  vmciConnectTimeout: [88, NO_VMCI],
  interface: [92, "node:net cannot bind a connection to a device"],
  loopbackFastPath: [94, "it exists on old versions of Windows only"],
};

/** The name and reason of an option by its name or number, if it is one of these. */
export function findAbsent(
  option: string | number,
): { readonly name: string; readonly reason: string } | undefined {
  for (const [name, [number, reason]] of Object.entries(ABSENT_OPTIONS)) {
    if (name === option || number === option) return { name, reason };
  }
  return undefined;
}
