/**
 * Scripts. What to do about each error code, for `docs/errors.md`. The types
 * make a code that is missing here an error of the compiler.
 *
 * @module
 */
import type { CliErrorCode } from "../../src/cli/cli_error.ts";
import type { ErrorCode } from "../../src/errors.ts";
import type { NativeErrorCode } from "../../src/native/libzmq_errors.ts";
import type { PipelineErrorCode } from "../../src/pipeline/model/pipeline_error.ts";
import type { ProtocolErrorCode, ZmqErrorCode } from "../../src/zmq/errors.ts";

/** What to do about each of some codes. */
export type Advice<Code extends string> = Readonly<Record<Code, string>>;

export const MANAGER_ADVICE: Advice<ErrorCode> = {
  SOCKET_ERROR:
    "Read the message and `cause`. Often an option that the type does not have, or an address that the socket does not use.",
  SOCKET_ALREADY_EXISTS:
    "Use `getOrCreate` or an `ensure…` call, or `close` the old one first.",
  SOCKET_NOT_FOUND:
    "A typing error in the name, or the socket was closed. `sockets.names` lists all.",
  SOCKET_TYPE_MISMATCH:
    "Two parts of the program use one name for different sockets. Rename one; `expected` and `actual` have the types.",
  SOCKET_BIND_FAILED:
    "See the code of `cause` below: usually `EADDRINUSE` or `EADDRNOTAVAIL`.",
  SOCKET_CONNECT_FAILED:
    "The address is malformed or the host is unknown. A peer that is not running is no error: the socket retries.",
  SOCKET_CLOSED:
    "Expected if the program shuts down. Otherwise find who calls `close`.",
  REQUEST_TIMEOUT:
    "The message ends with the last connection error, if there is one. Without one, the server is reached, and is slow, or has no loop that answers. Raise `timeout` or `retries`.",
  REQUEST_REFUSED:
    "`replyCode` and `reason` are from the server. `EINTERNAL`: its handler threw, see its log. `SCHEMA_INVALID`, `UNPACK_FAILED`: the request is wrong.",
  PACK_FAILED:
    "`path` says where. JSON cannot represent `NaN`, `Infinity`, `bigint`, functions and cycles; MSGPACK can do more.",
  UNPACK_FAILED:
    "The peer uses another serializer, or sends another number of frames; or the socket is an XPUB, and this a subscription: use its `receive`. The bytes are in `raw`; the next call gets the next message.",
  SCHEMA_INVALID:
    "`issues` has all violations. The peer sends something else than this program expects: compare versions.",
  OPTION_INVALID:
    "Correct the name or the value; the message has the nearest name.",
  ADDRESS_INVALID: "Write it as `tcp://host:port`.",
  HOST_NOT_FOUND:
    "Check the name and DNS. In containers, use the service's name.",
  PORT_NOT_AVAILABLE:
    "The address is not of this machine, or all ports are taken.",
  PERMISSION_DENIED:
    "Start Deno (or Node with `--permission`) with the flag that the message names.",
};

export const ENGINE_ADVICE: Advice<ZmqErrorCode> = {
  EAGAIN:
    "Expected with a timeout. If it should not happen, the message and `cause` have the last connection error; see [nothing arrives](nothing_arrives.md).",
  EFSM:
    "Answer every request, also those that fail, and receive every reply. Or use DEALER and ROUTER; `relaxed` and `correlate` let a REQ ask again.",
  EHOSTUNREACH:
    "The peer has disconnected, or the id is wrong: forget it. A ROUTER that should not wait for peers needs no `mandatory`.",
  EADDRINUSE:
    "Another process has the port, perhaps an earlier run of this one: stop it, or bind to `:*`. In a cluster, each worker needs its own port.",
  EADDRNOTAVAIL:
    "Bind to `*` or to an address of this machine, not to that of another or of a load balancer.",
  EACCES:
    "Deno: add the flag in the message. Ports below 1,024 and the folder of an `ipc` path need rights.",
  EINVAL: "A bug in the program: the message says which argument and why.",
  EPROTO:
    "The address leads to another web server, or a proxy does not pass WebSockets on. Check path and `wsOrigins`.",
  EPROTONOSUPPORT:
    "Use `tcp`, `ipc`, `ws`, `wss` or `inproc`; on Windows `tcp`.",
  ENOTSUP:
    "Leave it out; [options](options.md) has what cannot be set, and why.",
  ENOENT:
    "It was unbound or disconnected before. Pass the address that `bind` or `connect` was given, or `lastEndpoint`.",
  ENAMETOOLONG: "Use a shorter path, such as one in `/tmp` or `/run`.",
  ENOTFOUND: "Check the name and DNS. When connecting, the socket tries again.",
  ECONNREFUSED:
    "Start the peer, or correct host and port. The socket tries again by itself.",
  EBADF: "The program uses a socket after its end: close it last.",
  ETERM: "The program uses a context after its end: close it last.",
  EMFILE:
    "Close sockets that are not used, raise `maxSockets`, or raise the limit of the system (`ulimit -n`).",
  EMSGSIZE: "Send smaller messages, or raise the limit on both sides.",
  ENOBUFS:
    "Raise the limit on the side that publishes, or subscribe to shorter topics, each of which covers many.",
  ERR_TLS_CERT_DATE:
    "Renew the server's certificate, and bind again with it; or the clock of a machine is wrong.",
  ERR_TLS_CERT_HOST:
    "Connect to a name in the server's certificate, or set `tlsHostname` to one.",
  ERR_TLS_CERT_UNTRUSTED:
    "Set `tlsCa` to the authority of the server's certificate; the server's `tlsCert` must have those in between.",
  ERR_TLS:
    "Use `wss` on both sides, or `ws` on both; the message has what TLS says.",
  EEXIST:
    "Give every peer a routing id of its own, or use `handover`. A PAIR has one peer.",
};

/** Codes of the operating system: their meaning, and what to do. */
export const SYSTEM_CODES: Readonly<Record<string, readonly [string, string]>> =
  {
    ECONNRESET: [
      "the peer ended the connection without closing it",
      "It was killed, or refused us in the handshake: see its events. CURVE: check `curveServerKey`.",
    ],
    EPIPE: [
      "the peer closed the connection while something was written",
      "As for `ECONNRESET`.",
    ],
    ETIMEDOUT: [
      "a connection, a handshake or a heartbeat took too long",
      "A firewall, a lost peer, or one whose event loop is blocked. See `connectTimeout`, `handshakeInterval`, `heartbeatTimeout`.",
    ],
    ENETUNREACH: [
      "there is no route to the network",
      "Check the network of this machine, and IPv4 against IPv6.",
    ],
  };

export const PROTOCOL_ADVICE: Advice<ProtocolErrorCode | "ERR_ZAP_REFUSED"> = {
  ERR_ZMTP_UNSPECIFIED:
    "The port belongs to another program, such as an HTTP server, or a client that is none of ZeroMQ has connected.",
  ERR_ZMTP_UNSUPPORTED_VERSION:
    "The peer is older than ZMTP 3 and has no security: update it, or use no mechanism.",
  ERR_ZMTP_MECHANISM_MISMATCH:
    "Set the same mechanism on both sides: CURVE needs `curveServer` on one side and `curveServerKey` on the other.",
  ERR_ZMTP_UNEXPECTED_COMMAND: "The peer has a fault, or is not what it seems.",
  ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED: "The peer has a fault.",
  ERR_ZMTP_MALFORMED_COMMAND_HELLO: "The peer has a fault.",
  ERR_ZMTP_MALFORMED_COMMAND_WELCOME: "The peer has a fault.",
  ERR_ZMTP_MALFORMED_COMMAND_INITIATE: "The peer has a fault.",
  ERR_ZMTP_MALFORMED_COMMAND_READY: "The peer has a fault.",
  ERR_ZMTP_MALFORMED_COMMAND_MESSAGE: "The peer has a fault.",
  ERR_ZMTP_MALFORMED_COMMAND_ERROR: "The peer has a fault.",
  ERR_ZMTP_CRYPTOGRAPHIC:
    "The client has another server's key, or a public key without its secret one. Compare the keys of both sides.",
  ERR_ZMTP_INVALID_METADATA:
    "Use [types that match](sockets.md#the-types-at-a-glance); the message has both.",
  ERR_ZMTP_INVALID_SEQUENCE: "The peer has a fault.",
  ERR_ZMTP_MESSAGE_TOO_LARGE:
    "Send smaller messages, or raise the option on the side that receives.",
  ERR_ZMTP_PEER_ERROR: "Read the message, and the events of the peer.",
  ERR_ZAP_REFUSED:
    "`status` 400: the key is not on the list, or the password is wrong. 300, 500: the authentication itself failed; see the log of the server.",
  ERR_ZAP_MALFORMED_REPLY: "Correct the ZAP handler of this program.",
  ERR_ZAP_BAD_VERSION: "Correct the ZAP handler of this program.",
  ERR_ZAP_INVALID_STATUS_CODE: "Correct the ZAP handler of this program.",
};

export const PIPELINE_ADVICE: Advice<PipelineErrorCode> = {
  ERR_PIPELINE_INVALID:
    "A bug in the program: the message says which part and why.",
  ERR_PIPELINE_UNKNOWN:
    "A typing error, another pipeline, or the flow is past `resultTtlMs`. With a store in memory, a restart loses all flows.",
  ERR_PIPELINE_FULL:
    "Submit again later, or raise `maxQueued`; start more workers.",
  ERR_PIPELINE_TOO_LARGE:
    "Pass a path or URL in place of the data, or raise `maxPayloadBytes` or `maxItems`.",
  ERR_PIPELINE_STATE:
    "It is finished, or runs already. Look at its state with `agentzero status`.",
  ERR_PIPELINE_FAILED:
    "`failure` has the job, the step and its error. Once the reason is mended: `agentzero retry`.",
  ERR_PIPELINE_CANCELLED:
    "Someone cancelled it. Submit it again if that was a mistake.",
  ERR_PIPELINE_TIMEOUT:
    "The message has the connection error, if there is one. A submission may have been accepted: repeat it with `{ id: error.id }`.",
  ERR_PIPELINE_ADDRESS:
    "A pipeline may be running already. Choose other ports: `--port`, `listen({ port })`.",
  ERR_PIPELINE_INSECURE:
    "Use keys ([the tutorial](tutorial/first_pipeline.md) shows how), or `insecure: true` (`--insecure`) in a network that you trust.",
  ERR_PIPELINE_REFUSED:
    "Compare the key or token with those that the pipeline was given. It reads its lists at its start.",
  ERR_PIPELINE_FORBIDDEN:
    "Give the key the [role](security.md#roles), or use another key.",
  ERR_PIPELINE_CLOSED: "Expected if the program shuts down.",
  ERR_PIPELINE_STOPPED:
    "Restart the process. The reason is in `cause` and in its log.",
  ERR_PIPELINE_SHARDED:
    "Use a client and workers of this release, or the address of one [shard](pipeline/operations.md#shards).",
  ERR_PIPELINE_SHARD:
    "Send it to the [shard](pipeline/wire.md#shards) that the message names; our client does.",
  ERR_PIPELINE_MODULE:
    "Pass `module: import.meta.url` of the module that defines the step, and let it load without errors.",
  ERR_PIPELINE_THREAD:
    "The handler crashed its thread: an uncaught error, `process.exit`, or too much memory. The job gets another attempt.",
  ERR_STORE_LOCKED: "Stop the other pipeline, or use another file.",
  ERR_STORE_VERSION:
    "Use the later version of agentzero, or restore a backup from before.",
  ERR_STORE_SHARDS:
    "Start with the number of [shards](pipeline/operations.md#shards) that it was created with, or use another name.",
  ERR_STORE_UNSUPPORTED:
    "SQLite: Node 22.13, Deno or Bun. PostgreSQL: `npm install pg@8`, a server from 13 on, with UTF8.",
  ERR_STORE_DAMAGED:
    "Copy `jobs.db` together with `jobs.db-wal`, or restore a [backup](pipeline/operations.md#backups).",
  ERR_STORE_FENCED: "End this process: another one has the jobs now.",
  ERR_STORE_FAILED:
    "See `cause`: a full disk, rights, or a database that cannot be reached. Nothing that was acknowledged is lost.",
};

export const CLI_ADVICE: Advice<CliErrorCode> = {
  ERR_CLI_USAGE: "`agentzero help COMMAND` has the options, with examples.",
  ERR_CLI_FILE: "Check the path and its rights. `keygen` does not overwrite.",
  ERR_CLI_LINES:
    "Correct the lines that stderr names, and submit the file again with the same `--id`.",
  ERR_CLI_MODULE:
    "Export steps from the module. On Node before 22.18, TypeScript needs tsx.",
  ERR_CLI_TIMEOUT:
    "Start the other side, check the address, or raise `--timeout`.",
};

export const NATIVE_ADVICE: Advice<NativeErrorCode> = {
  ERR_NATIVE_UNSUPPORTED: "Use Node, or the built-in engine.",
  ERR_NATIVE_NOT_INSTALLED: "`npm install zeromq@6`",
  ERR_NATIVE_NOT_LOADED:
    "See `cause`; reinstall it for this runtime and system.",
};
