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

/** Makes the constructor of a derived class add its fields to an existing object. */
class Existing {
  constructor(object: object) {
    return object;
  }
}

/**
 * The sender as a private field of the message itself: neither seen nor copied
 * by programs, and not compared by tests. A WeakMap took a tenth of a
 * receiver's time at 64 B a message, and as much again to collect its entries
 * (Node 20).
 */
class Sender extends Existing {
  #peer: PeerIdentity;

  private constructor(message: object, peer: PeerIdentity) {
    super(message);
    this.#peer = peer;
  }

  static of(message: object): PeerIdentity | undefined {
    return #peer in message ? message.#peer : undefined;
  }

  static note(message: object, peer: PeerIdentity): void {
    if (#peer in message) message.#peer = peer;
    else new Sender(message, peer);
  }
}

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
  // Programs in JavaScript may pass anything.
  return message instanceof Object ? Sender.of(message) : undefined;
}

/** Records the sender of a message. */
export function notePeer(message: object, peer: PeerIdentity): void {
  Sender.note(message, peer);
}

/** Records that a message made from another one has the same sender. */
export function copyPeer(from: object, to: object): void {
  const peer = Sender.of(from);
  if (peer !== undefined) Sender.note(to, peer);
}
