/**
 * Test support. Fuzzes the replies of a ZAP handler: a peer is accepted only by
 * a reply that says so, and a malformed reply affects no other.
 *
 * @module
 */
import { InprocRegistry } from "../../../src/zmq/engine/inproc.ts";
import { KeepAlive } from "../../../src/async/keep_alive.ts";
import { Observer } from "../../../src/zmq/engine/observer.ts";
import { FlushScheduler } from "../../../src/zmq/engine/flush_scheduler.ts";
import { ZAP_ADDRESS, ZapClient } from "../../../src/zmq/engine/zap.ts";
import type { Message } from "../../../src/zmq/message.ts";
import type { Pipe } from "../../../src/zmq/routing/pipe.ts";
import { ROUTER } from "../../../src/zmq/types.ts";
import { SlabPool } from "../../../src/zmq/slab_pool.ts";
import { utf8 } from "../../support/bytes.ts";
import { fakeHost } from "../../support/fake_wire.ts";
import { framesOf } from "../framed.ts";
import { mutate } from "../mutate.ts";
import type { Random } from "../random.ts";
import { demand, type Input, type Target, type Undo } from "../target.ts";
import { Writer } from "../writer.ts";

/** Stands for the id of the request in an input. */
const ID = "#";
const REPLIES = [200, 300, 400, 500].map((status) =>
  `|1.0|${ID}|${status}|text|user|`
);
const REFUSED = 400;

/** Makes the target. */
export function zapTarget(share: number): Target {
  const writer = new Writer();
  let asker: Asker | undefined;
  return {
    name: "zap",
    share,
    open(): Undo {
      const opened = asker = new Asker();
      return () => opened.close();
    },
    generate(random: Random): Input {
      writer.clear();
      writer.text(random.pick(REPLIES));
      for (let n = random.below(3); n > 0; n--) mutate(writer, random);
      return { setup: {}, bytes: writer.written, cuts: [] };
    },
    async run({ bytes }: Input): Promise<string> {
      const status = await asker!.ask(framesOf(bytes));
      const text = String.fromCharCode(...bytes.subarray(0, 200));
      // A reply without an id belongs to the only request there is.
      const isAccepted = /^\|1\.0\|#?\|200\|[^|]*\|[^|]*\|[^|]*$/.test(text);
      demand((status === 200) === isAccepted, `"${text}" gives ${status}`);
      return String(status);
    },
  };
}

/** Asks a handler that sends the given reply, and then refuses. */
class Asker {
  readonly #zap: ZapClient;
  #pipe!: Pipe;

  readonly #inproc = new InprocRegistry();
  readonly #core = fakeHost(ROUTER, {}, new Observer(), (pipe) => {
    this.#pipe = pipe;
  });

  constructor() {
    const inproc = this.#inproc;
    inproc.bind(ZAP_ADDRESS, this.#core);
    this.#zap = new ZapClient({
      inproc,
      scheduler: new FlushScheduler(),
      slabs: new SlabPool(),
      keepAlive: new KeepAlive(),
    });
  }

  close(): void {
    this.#inproc.unbind(ZAP_ADDRESS, this.#core);
  }

  async ask(reply: Message): Promise<number> {
    const asked = this.#zap.ask({
      domain: "",
      address: "192.0.2.1",
      routingId: new Uint8Array(0),
      credentials: { mechanism: "NULL" },
    }, new AbortController().signal);
    const id = this.#pipe.read()![2]!;
    this.#pipe.write(reply.map((frame) => isId(frame) ? id : frame));
    this.#pipe.write(
      ["", "1.0", id, String(REFUSED), "", "", ""].map((frame) =>
        typeof frame === "string" ? utf8(frame) : frame
      ),
    );
    return (await asked).status;
  }
}

function isId(frame: Uint8Array): boolean {
  return frame.byteLength === 1 && frame[0] === ID.charCodeAt(0);
}
