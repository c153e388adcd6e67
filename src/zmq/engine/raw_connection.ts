/**
 * Layer: engine. The connection of a STREAM: bytes as they come and go. Its
 * peer speaks no ZMTP, so there is no greeting, no handshake, no heartbeat and
 * no security; what TCP has read is a message of one frame.
 *
 * With the option `notify` an empty message tells that the connection is made,
 * and another that it is over.
 *
 * @module
 */
import { asFrame, copyOf, EMPTY } from "../bytes.ts";
import { COPY_LIMIT, type Message } from "../message.ts";
import { Ring } from "../routing/ring.ts";
import type { ConnectionEvent } from "../zmtp/connection.ts";
import { UNVERSIONED } from "../zmtp/versions.ts";
import type { Protocol } from "./protocol.ts";

/** Who speaks no ZMTP knows no commands, either. */
const ANYBODY = {
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
  /** What was read at once is one message, and costs next to nothing. */
  readonly isSpent = false;
  outputSize = 0;
  readonly #isNotifying: boolean;
  readonly #input: Ring<Message | ConnectionEvent> = new Ring();
  #output: Uint8Array[] = [];

  /** @param isNotifying Whether empty messages tell of the beginning and the end. */
  constructor(isNotifying: boolean) {
    this.#isNotifying = isNotifying;
    this.#input.push({ type: "ready", peer: ANYBODY });
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
    // A few bytes shall not hold on to the whole buffer they were read into.
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

  /** Nobody is asked whether the peer may come in. */
  resume(): void {}

  send([body]: Message): void {
    // Small frames are the sender's again at once, as with ZMTP.
    const isSmall = body!.byteLength <= COPY_LIMIT;
    this.#output.push(isSmall ? copyOf(body!) : body!);
    this.outputSize += body!.byteLength;
  }

  /** There is no heartbeat: the options for it are refused. */
  ping(): void {}
  pong(): void {}
}
