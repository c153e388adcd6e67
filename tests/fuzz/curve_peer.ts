/**
 * Test support. What a CURVE peer says to a connection whose random numbers are
 * known: a true handshake, recorded once, with boxes around whatever is to be
 * said in them (RFC 26).
 *
 * @module
 */
import { decodeCommand } from "../../src/zmq/zmtp/command.ts";
import {
  newKeyPair,
  nonceOf,
  open,
  seal,
  sharedKey,
} from "../../src/zmq/zmtp/mechanism/curve_box.ts";
import { CurveClient } from "../../src/zmq/zmtp/mechanism/curve_client.ts";
import { CurveServer } from "../../src/zmq/zmtp/mechanism/curve_server.ts";
import { bytes } from "../support/peers/zmtp_bytes.ts";
import { Random } from "./random.ts";
import { CLIENT, drawFrom, SERVER, withoutChance } from "./seeded_sodium.ts";

/** The seeds of the random numbers of each side. */
const SEEDS = { client: 0xc, server: 0x5 } as const;
const source = Random.of(0);

/** Gives one side the random numbers of every connection of it. */
export function beginAs(side: "client" | "server"): void {
  source.restart(SEEDS[side]);
  drawFrom(source);
}

/** The same handshake for all, but for the metadata. */
interface Recorded {
  /** The bodies of HELLO and WELCOME without their names. */
  readonly hello: Uint8Array;
  readonly welcome: Uint8Array;
  /** The cookie, and what the box of INITIATE holds before the metadata. */
  readonly cookie: Uint8Array;
  readonly vouched: Uint8Array;
  readonly key: Uint8Array;
}

const recorded = record();

/** The data of HELLO. */
export const HELLO: Uint8Array = recorded.hello;
/** The data of WELCOME. */
export const WELCOME: Uint8Array = recorded.welcome;

/** The data of an INITIATE with this metadata. */
export function initiate(metadata: Uint8Array): Uint8Array {
  const { cookie, vouched, key } = recorded;
  const nonce = number(2);
  const plain = bytes(vouched, metadata);
  return bytes(
    cookie,
    nonce,
    seal(plain, nonceOf("CurveZMQINITIATE", nonce), key),
  );
}

/** The data of a READY with this metadata. */
export function ready(metadata: Uint8Array): Uint8Array {
  const nonce = number(1);
  const box = seal(metadata, nonceOf("CurveZMQREADY---", nonce), recorded.key);
  return bytes(nonce, box);
}

/** The body of the frame that carries another in a box; `count` numbers it. */
export function sealed(
  side: "client" | "server",
  count: number,
  flags: number,
  body: Uint8Array,
): Uint8Array {
  const nonce = number(count);
  const prefix = side === "client" ? "CurveZMQMESSAGEC" : "CurveZMQMESSAGES";
  const box = seal(bytes(flags, body), nonceOf(prefix, nonce), recorded.key);
  return bytes("\x07MESSAGE", nonce, box);
}

function number(value: number): Uint8Array {
  const eight = new Uint8Array(8);
  new DataView(eight.buffer).setUint32(4, value);
  return eight;
}

function record(): Recorded {
  const putBack = withoutChance();
  const [ofClient, ofServer] = [
    Random.of(SEEDS.client),
    Random.of(SEEDS.server),
  ];
  try {
    drawFrom(ofClient);
    const client = new CurveClient([], {
      ...CLIENT,
      serverKey: SERVER.publicKey,
    });
    const hello = decodeCommand(client.open());
    drawFrom(ofServer);
    const server = new CurveServer([], SERVER.secretKey);
    const welcome = decodeCommand(server.receive(hello)!);
    drawFrom(ofClient);
    const { data } = decodeCommand(client.receive(welcome)!);

    drawFrom(Random.of(SEEDS.client));
    const { secretKey } = newKeyPair(); // that of the client once more
    const opened = open(
      "WELCOME",
      welcome.data.subarray(16),
      nonceOf("WELCOME-", welcome.data.subarray(0, 16)),
      sharedKey(SERVER.publicKey, secretKey),
    );
    const key = sharedKey(opened.slice(0, 32), secretKey);
    const short = data.subarray(96, 104);
    const box = data.subarray(104);
    return {
      hello: hello.data,
      welcome: welcome.data,
      cookie: data.subarray(0, 96),
      vouched: open("INITIATE", box, nonceOf("CurveZMQINITIATE", short), key),
      key,
    };
  } finally {
    putBack();
  }
}
