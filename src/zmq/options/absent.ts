/**
 * Layer: options. Options of libzmq and zeromq.js that this engine does not
 * support, each with the reason: setting one is a clear error. Tuning options
 * without effect are in `table.ts` instead, and store their value.
 *
 * @module
 */

const NO_THREADS = "there are no I/O threads here";
const NO_ACCESS = "node:net does not expose it";
const NO_GSSAPI = "GSSAPI is not supported; use CURVE";
const NO_VMCI = "there is no VMCI transport here";
const NO_NORM = "there is no NORM transport here";
const NO_PEER_PROCESS = "node:net does not expose the process of a peer";
const NO_BATCHES =
  "the engine chooses the sizes of its reads and writes itself";
const AS_METHOD = "can only be set, on a SUB or on an XPUB with manual";

/** libzmq's number of an option, and why it is not supported. */
export type Absence = readonly [number: number, reason: string];

/** By the name in zeromq.js. */
export const ABSENT_OPTIONS: Readonly<Record<string, Absence>> = {
  tcpAcceptFilter: [
    38,
    "use the option authenticate, which receives the address",
  ],
  gssapiServer: [62, NO_GSSAPI],
  gssapiPrincipal: [63, NO_GSSAPI],
  gssapiServicePrincipal: [64, NO_GSSAPI],
  gssapiPlainText: [65, NO_GSSAPI],
  gssapiPrincipalNameType: [90, NO_GSSAPI],
  gssapiServicePrincipalNameType: [91, NO_GSSAPI],
  tcpMaxRetransmitTimeout: [80, `${NO_ACCESS}; use heartbeats`],
  vmciBufferSize: [85, NO_VMCI],
  vmciBufferMinSize: [86, NO_VMCI],
  vmciBufferMaxSize: [87, NO_VMCI],
  vmciConnectTimeout: [88, NO_VMCI],
  interface: [
    92,
    "node:net cannot bind to a device; bind to its address, or connect to tcp://source:port;host:port",
  ],
};

/** By the name in `zmq.h`: those that zeromq.js does not offer as properties. */
export const ABSENT_NUMBERS: Readonly<Record<string, Absence>> = {
  ZMQ_SUBSCRIBE: [6, AS_METHOD],
  ZMQ_UNSUBSCRIBE: [7, AS_METHOD],
  ZMQ_RCVMORE: [13, "receive returns a whole message"],
  ZMQ_FD: [14, "there is no file descriptor to wait for; use poll"],
  ZMQ_EVENTS: [15, "use poll, or the properties readable and writable"],
  ZMQ_IPV4ONLY: [31, "use the option ipv6, its opposite"],
  ZMQ_ROUTER_RAW: [41, "a ROUTER speaks ZMTP only"],
  ZMQ_IPC_FILTER_PID: [58, NO_PEER_PROCESS],
  ZMQ_IPC_FILTER_UID: [59, NO_PEER_PROCESS],
  ZMQ_IPC_FILTER_GID: [60, NO_PEER_PROCESS],
  ZMQ_CONNECT_ROUTING_ID: [
    61,
    "give it to the connect of a ROUTER: connect(address, { routingId })",
  ],
  ZMQ_BLOCKY: [70, "this is an option of the context"],
  ZMQ_XPUB_VERBOSER: [
    78,
    "can only be set, on an XPUB; see its option verbosity",
  ],
  ZMQ_USE_FD: [89, "node:net does not take over file descriptors everywhere"],
  ZMQ_METADATA: [95, "the handshake carries no properties of the application"],
  ZMQ_IN_BATCH_SIZE: [101, NO_BATCHES],
  ZMQ_OUT_BATCH_SIZE: [102, NO_BATCHES],
  ZMQ_ONLY_FIRST_SUBSCRIBE: [
    108,
    "a subscription is a message of one frame here; longer ones are data",
  ],
  ZMQ_PRIORITY: [112, NO_ACCESS],
  ZMQ_BUSY_POLL: [113, NO_ACCESS],
  ZMQ_TOPICS_COUNT: [116, "the number of topics is not available here"],
  ZMQ_NORM_MODE: [117, NO_NORM],
  ZMQ_NORM_UNICAST_NACK: [118, NO_NORM],
  ZMQ_NORM_BUFFER_SIZE: [119, NO_NORM],
  ZMQ_NORM_SEGMENT_SIZE: [120, NO_NORM],
  ZMQ_NORM_BLOCK_SIZE: [121, NO_NORM],
  ZMQ_NORM_NUM_PARITY: [122, NO_NORM],
  ZMQ_NORM_NUM_AUTOPARITY: [123, NO_NORM],
  ZMQ_NORM_PUSH: [124, NO_NORM],
};

/** The same for the options of a context, by the name in zeromq.js or `zmq.h`. */
export const ABSENT_CONTEXT_OPTIONS: Readonly<Record<string, Absence>> = {
  threadPriority: [3, NO_THREADS],
  threadSchedulingPolicy: [4, NO_THREADS],
  ZMQ_MSG_T_SIZE: [6, "messages are arrays of Uint8Array here"],
  ZMQ_THREAD_AFFINITY_CPU_ADD: [7, NO_THREADS],
  ZMQ_THREAD_AFFINITY_CPU_REMOVE: [8, NO_THREADS],
  threadNamePrefix: [9, NO_THREADS],
  ZMQ_ZERO_COPY_RECV: [
    10,
    "the size of each frame decides whether it is copied",
  ],
};

/** The name and reason of an option by its name or number, if it is one of these. */
export function findAbsent(
  option: string | number,
  ...tables: readonly Readonly<Record<string, Absence>>[]
): { readonly name: string; readonly reason: string } | undefined {
  for (const table of tables) {
    for (const [name, [number, reason]] of Object.entries(table)) {
      if (name === option || number === option) return { name, reason };
    }
  }
  return undefined;
}
