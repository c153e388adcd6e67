/**
 * Layer: zmq, top. The exports of the engine; `entry.ts` also has them as the
 * default export.
 *
 * @module
 */
import "./transport/register_transports.ts";

export type { Authenticate, AuthRequest } from "./auth.ts";
export {
  type Capability,
  capability,
  version,
} from "./transport/capability.ts";
export {
  type Certificate,
  formatCertificate,
  parseCertificate,
} from "./certificate.ts";
export {
  readCertificate,
  readCertificates,
  writeCertificate,
} from "./certificate_files.ts";
export {
  type CurveKeyPair,
  curveKeyPair,
  curvePublicKey,
} from "./zmtp/mechanism/curve_keys.ts";
export {
  type CurveBackend,
  curveBackend,
} from "./zmtp/mechanism/curve_backend.ts";
export { Context, context, type ContextOptions } from "./engine/context.ts";
export {
  type Event,
  type EventAt,
  type EventError,
  type EventOfType,
  type EventType,
  type FailureAt,
  type Listener,
  Observer,
  type PeerInfo,
} from "./engine/observer.ts";
export type { WaitOptions } from "../async/wait_queue.ts";
export {
  ArgumentError,
  AuthError,
  type AuthStatus,
  ProtocolError,
  type ProtocolErrorCode,
  type ZapErrorCode,
  ZmqError,
  type ZmqErrorCode,
} from "./errors.ts";
export type { Frame, Message, MessageLike } from "./message.ts";
export {
  type CommonOptions,
  type ConflateOptions,
  type DisconnectOptions,
  type HelloOptions,
  type HiccupOptions,
  type MatchOptions,
  type OptionName,
  type OptionValues,
  type ProbeOptions,
  type PublishModes,
  type ReceiveOptions,
  type ReconnectStop,
  type RequestModes,
  type RouterModes,
  type RouterNotice,
  type RoutingIdOptions,
  type SecurityOptions,
  type SendOptions,
  type SocketFacts,
  type StreamModes,
  type TuningOptions,
  type UnsubscribeOptions,
  type VerbosityOptions,
} from "./options/values.ts";
export {
  CONTEXT_OPTIONS,
  type ContextValues,
} from "./options/context_table.ts";
export { OPTIONS, type OptionSpec } from "./options/table.ts";
export {
  type DeviceOptions,
  forwarder,
  type ForwarderOptions,
  queue,
  type QueueOptions,
  streamer,
  type StreamerOptions,
} from "./proxy/devices.ts";
export type { Sink, Source } from "./proxy/forward.ts";
export { Proxy, type ProxyOptions } from "./proxy/proxy.ts";
export { ReplyError } from "./proxy/reply_error.ts";
export {
  type RequestContext,
  type RequestHandler,
  serve,
  type ServeOptions,
} from "./proxy/serve.ts";
export { toReadableStream, toWritableStream } from "./proxy/streams.ts";
export type { Configurable } from "./sockets/configurable.ts";
export * from "./sockets/classes.ts";
export {
  createSocket,
  type OptionsOfType,
  type SocketOfType,
} from "./sockets/create.ts";
export type { ClientOptions } from "./sockets/client.ts";
export type { DatagramOptions } from "./sockets/datagram.ts";
export type { DealerOptions } from "./sockets/dealer.ts";
export type { DishMessage, DishOptions } from "./sockets/dish.ts";
export {
  DuplexSocket,
  ReadableSocket,
  WritableSocket,
} from "./sockets/send_receive.ts";
export type { PeerOptions } from "./sockets/peer.ts";
export type { RadioGroup, RadioOptions } from "./sockets/radio.ts";
export type { RequestOptions } from "./sockets/request.ts";
export {
  type RoutedMessage,
  RoutedSocket,
  type RoutedSocketOptions,
  type RoutingId,
} from "./sockets/routed.ts";
export type { RouterConnectOptions, RouterOptions } from "./sockets/router.ts";
export { Socket, type SocketOptions } from "./sockets/socket.ts";
export type { StreamConnectOptions, StreamOptions } from "./sockets/stream.ts";
export type { SubscriberOptions } from "./sockets/sub.ts";
export type { PublishOptions, XPublisherOptions } from "./sockets/xpub.ts";
export type { XSubscriberOptions } from "./sockets/xsub.ts";
export {
  type BunHandlers,
  type BunServerLike,
  type DenoRequestInfo,
  type SharedHandler,
  shareHandler,
} from "./transport/ws/share_handler.ts";
export {
  type SharedServer,
  shareServer,
  type UpgradableServer,
} from "./transport/ws/share_server.ts";
export { type PeerIdentity, peerOf } from "./peer_identity.ts";
export * from "./types.ts";
export { z85Decode, z85Encode } from "./z85.ts";
