/**
 * Layer: zmq, bottom. The sender of a message, if the mechanism of the
 * connection proves it. Nothing is recorded for a connection without CURVE.
 *
 * @module
 */

/** The sender of a message, as the handshake of its connection has proved. */
export interface PeerIdentity {
  /** The peer's long-term public key, in Z85. */
  readonly publicKey: string;
}

const senders: WeakMap<object, PeerIdentity> = new WeakMap();

/**
 * Who sent a received message: the peer's long-term public key, which the CURVE
 * handshake of its connection has proved. On the side of the CURVE client, that
 * is the server's.
 *
 * Pass the array that `receive`, `tryReceive` or an iteration returned, not a
 * copy of it. DISH, SERVER, PEER and CLIENT do not return such arrays.
 *
 * @returns `undefined` if the message came without CURVE, or over `inproc`.
 * @see {@link https://rfc.zeromq.org/spec/26/ | RFC 26}
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * const [server, client] = [zmq.curveKeyPair(), zmq.curveKeyPair()];
 * await using pull = new zmq.Pull({
 *   curveServer: true,
 *   curveSecretKey: server.secretKey,
 * });
 * await using push = new zmq.Push({
 *   curveServerKey: server.publicKey,
 *   curvePublicKey: client.publicKey,
 *   curveSecretKey: client.secretKey,
 * });
 * await pull.bind("tcp://127.0.0.1:*");
 * push.connect(pull.lastEndpoint!);
 * await push.send("who is it?");
 *
 * const message = await pull.receive();
 * console.log(zmq.peerOf(message)?.publicKey === client.publicKey); // true
 * ```
 */
export function peerOf(message: object): PeerIdentity | undefined {
  return senders.get(message);
}

/** Records the sender of a message. */
export function notePeer(message: object, peer: PeerIdentity): void {
  senders.set(message, peer);
}

/** Records that a message made from another one has the same sender. */
export function copyPeer(from: object, to: object): void {
  const peer = senders.get(from);
  if (peer !== undefined) senders.set(to, peer);
}
