/**
 * Layer: engine. The connection of a STREAM: raw bytes. Its peer does not speak
 * ZMTP, so there is no greeting, no handshake, no heartbeat and no security.
 * Each chunk that TCP has read is a message of one frame.
 *
 * With the option `notify` an empty message reports that the connection is
 * open, and another one that it is closed.
 *
 * @module
 */
import { asFrame, copyOf, EMPTY } from "../bytes.ts";
import { COPY_LIMIT, type Message } from "../message.ts";
import { Ring } from "../routing/ring.ts";
import type { ConnectionEvent } from "../zmtp/connection.ts";
import { UNVERSIONED } from "../zmtp/versions.ts";
import type { Protocol } from "./protocol.ts";

/** A peer that does not speak ZMTP has no commands, either. */
const RAW_PEER = {
  version: { ...UNVERSIONED, name: "" },
  socketType: "",
  routingId: EMPTY,
};

/** One connection to a peer that does not speak ZMTP. */
export class RawConnection implements Protocol {
  readonly ignoresInput = false;
  readonly answerSize = 0;
  readonly isWaitingForPeer = false;
  readonly isPartial = false;
  /** Each chunk is one message, and costs next to nothing. */
  readonly isSpent = false;
  outputSize = 0;
  readonly #isNotifying: boolean;
  readonly #input: Ring<Message | ConnectionEvent> = new Ring();
  #output: Uint8Array[] = [];

  /** @param isNotifying Whether empty messages report the beginning and the end. */
  constructor(isNotifying: boolean) {
    this.#isNotifying = isNotifying;
    this.#input.push({ type: "ready", peer: RAW_PEER });
    if (isNotifying) this.#input.push([EMPTY]);
  }

  takeOutput(): Uint8Array[] {
    const output = this.#output;
    this.#output = [];
    this.outputSize = 0;
    return output;
  }

  outputWritten(): void {}

  receive(chunk: Uint8Array): void {
    // A few bytes must not keep the whole read buffer in memory.
    const isSmall = chunk.byteLength <= COPY_LIMIT;
    this.#input.push([isSmall ? copyOf(chunk) : asFrame(chunk)]);
  }

  end(): boolean {
    if (this.#isNotifying) this.#input.push([EMPTY]);
    return this.#isNotifying;
  }

  next(): Message | ConnectionEvent | undefined {
    return this.#input.shift();
  }

  rest(): void {}
  stopWaiting(): void {}

  /** Peers are not authenticated. */
  resume(): void {}

  send([body]: Message): void {
    // The sender may reuse small frames at once, as with ZMTP.
    const isSmall = body!.byteLength <= COPY_LIMIT;
    this.#output.push(isSmall ? copyOf(body!) : body!);
    this.outputSize += body!.byteLength;
  }

  /** Frames have no headers here. */
  readonly sendsRuns = false;
  sendRun(): void {}

  /** There is no heartbeat; its options are rejected. */
  ping(): void {}
  pong(): void {}
}
