/**
 * Layer: zmq, bottom. The callback that authenticates peers. Types only.
 *
 * @module
 */

/** A peer to authenticate. */
export interface AuthRequest {
  /** The mechanism of the connection. */
  readonly mechanism: "NULL" | "PLAIN" | "CURVE";
  /** The IP address of the peer; empty for ipc. */
  readonly address: string;
  /** With PLAIN, the user name. */
  readonly username?: string;
  /** With PLAIN, the password. */
  readonly password?: string;
  /** With CURVE, the peer's public key, in Z85. */
  readonly publicKey?: string;
}

/** Authenticates a peer. */
export type Authenticate = (request: AuthRequest) => boolean | Promise<boolean>;
