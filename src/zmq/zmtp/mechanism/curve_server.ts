/**
 * Layer: zmtp. The server side of CURVE (RFC 26); see `curve_client.ts` for the
 * exchange and the names.
 *
 * Between WELCOME and INITIATE the server stores only the key of its cookie;
 * all it knows about the client comes back in the cookie.
 *
 * @module
 */
import { allocate, bytesEqual, concat } from "../../bytes.ts";
import {
  type Command,
  decodeMetadata,
  encodeCommand,
  encodeMetadata,
  type Metadata,
} from "../command.ts";
import {
  CurveCipher,
  newKeyPair,
  nonceOf,
  open,
  PeerNonce,
  seal,
  sharedKey,
  ShortNonce,
} from "./curve_box.ts";
import {
  forged,
  malformed,
  peerError,
  refusal,
  unexpected,
} from "./failures.ts";
import type {
  Credentials,
  Mechanism,
  OwnProperties,
  Verdict,
} from "./mechanism.ts";
import { sodium } from "./sodium.ts";

/** The size of the cookie: a nonce of 16 bytes, and C' and s' in a box. */
const COOKIE_SIZE = 96;

/** What the server waits for, and what it has to remember until then. */
type CurveServerState =
  | { readonly step: "hello" }
  /** The key decrypts the cookie, and with it the connection's secret key, so it is discarded at INITIATE. */
  | { readonly step: "initiate"; readonly cookieKey: Uint8Array }
  | {
    readonly step: "verdict";
    readonly sessionKey: Uint8Array;
    readonly peerMetadata: Metadata;
  };

/** The server side of CURVE on one connection. */
export class CurveServer implements Mechanism {
  readonly name = "CURVE";
  readonly isSafeToBegin = true;
  readonly waitsForPeer = false;
  readonly isServer = true;
  credentials: Credentials | undefined;
  metadata: Metadata | undefined;
  cipher: CurveCipher | undefined;
  readonly #properties: OwnProperties;
  readonly #secretKey: Uint8Array;
  readonly #nonce: ShortNonce = new ShortNonce();
  readonly #peerNonce: PeerNonce = new PeerNonce();
  #state: CurveServerState = { step: "hello" };

  /**
   * @param properties The metadata of this side.
   * @param secretKey The server's long-term secret key, 32 bytes.
   */
  constructor(properties: OwnProperties, secretKey: Uint8Array) {
    this.#properties = properties;
    this.#secretKey = secretKey;
  }

  open(): undefined {}

  receive(command: Command): Uint8Array | undefined {
    if (command.name === "ERROR") throw peerError(command);
    const state = this.#state;
    if (state.step === "hello") {
      if (command.name !== "HELLO") throw unexpected(command, "HELLO");
      return this.#welcome(command.data);
    }
    if (command.name !== "INITIATE" || state.step !== "initiate") {
      throw unexpected(command, "INITIATE");
    }
    this.#initiated(command.data, state.cookieKey);
    sodium().memzero(state.cookieKey);
    return undefined;
  }

  resume(verdict: Verdict): Uint8Array | undefined {
    this.credentials = undefined;
    if (verdict.status !== 200) return refusal(verdict);
    const state = this.#state;
    if (state.step !== "verdict") throw new Error("INITIATE is missing");
    const { sessionKey: key, peerMetadata } = state;
    const short = this.#nonce.take();
    this.metadata = peerMetadata;
    this.cipher = new CurveCipher(key, this.#nonce, this.#peerNonce, true);
    return encodeCommand(
      "READY",
      short,
      seal(
        encodeMetadata(this.#properties),
        nonceOf("CurveZMQREADY---", short),
        key,
      ),
    );
  }

  #welcome(hello: Uint8Array): Uint8Array {
    if (hello.byteLength !== 194 || hello[0] !== 1 || hello[1] !== 0) {
      throw malformed("HELLO");
    }
    const clientKey = hello.slice(74, 106); // C'
    const short = hello.subarray(106, 114);
    const key = sharedKey(clientKey, this.#secretKey);
    const zeros = open(
      "HELLO",
      hello.subarray(114),
      nonceOf("CurveZMQHELLO---", short),
      key,
    );
    if (!bytesEqual(zeros, allocate(64).fill(0))) throw forged("HELLO");
    this.#peerNonce.begin(short);

    const own = newKeyPair();
    const cookieKey = sodium().randombytes_buf(32);
    this.#state = { step: "initiate", cookieKey };
    const cookieNonce = sodium().randombytes_buf(16);
    const cookie = sodium().crypto_secretbox_easy(
      concat([clientKey, own.secretKey]),
      nonceOf("COOKIE--", cookieNonce),
      cookieKey,
    );
    const nonce = sodium().randombytes_buf(16);
    return encodeCommand(
      "WELCOME",
      nonce,
      seal(
        concat([own.publicKey, cookieNonce, cookie]),
        nonceOf("WELCOME-", nonce),
        key,
      ),
    );
  }

  #initiated(data: Uint8Array, cookieKey: Uint8Array): void {
    if (data.byteLength < COOKIE_SIZE + 8 + 16 + 128) {
      throw malformed("INITIATE");
    }
    const [clientKey, secretKey] = openCookie(
      data.subarray(0, COOKIE_SIZE),
      cookieKey,
    );
    const key = sharedKey(clientKey, secretKey);
    const short = data.subarray(COOKIE_SIZE, COOKIE_SIZE + 8);
    const plain = open(
      "INITIATE",
      data.subarray(COOKIE_SIZE + 8),
      nonceOf("CurveZMQINITIATE", short),
      key,
    );
    this.#peerNonce.begin(short);
    const publicKey = plain.slice(0, 32); // C
    const vouch = open(
      "vouch",
      plain.subarray(48, 128),
      nonceOf("VOUCH---", plain.subarray(32, 48)),
      sharedKey(publicKey, secretKey),
    );
    // The vouch binds C to this connection and to this server.
    const ownKey = sodium().crypto_scalarmult_base(this.#secretKey);
    if (!bytesEqual(vouch, concat([clientKey, ownKey]))) {
      throw forged("vouch");
    }
    const peerMetadata = decodeMetadata(
      plain.subarray(128),
      "ERR_ZMTP_MALFORMED_COMMAND_INITIATE",
    );
    this.#state = { step: "verdict", sessionKey: key, peerMetadata };
    this.credentials = { mechanism: "CURVE", publicKey };
  }
}

/** C' and s' as they were when WELCOME was sent. */
function openCookie(
  cookie: Uint8Array,
  key: Uint8Array,
): [Uint8Array, Uint8Array] {
  try {
    const plain = sodium().crypto_secretbox_open_easy(
      cookie.subarray(16),
      nonceOf("COOKIE--", cookie.subarray(0, 16)),
      key,
    );
    return [plain.slice(0, 32), plain.slice(32)];
  } catch {
    throw forged("cookie");
  }
}
