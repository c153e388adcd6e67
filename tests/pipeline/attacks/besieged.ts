/**
 * Test support. A pipeline with an honest worker and an honest client, and
 * hostile peers at its sockets. After whatever they do, an honest job must come
 * to its result.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import {
  defineStep,
  flow,
  type Pipeline,
  type PipelineAddresses,
  type PipelineClient,
  type PipelineOptions,
  type StepRun,
} from "@agentzero/agentzero/pipeline";
import { eventually, type TestContext, within } from "../../support/harness.ts";
import { bytes, frame, MORE } from "../../support/peers/zmtp_bytes.ts";
import { Raider, type RaiderOptions } from "../../siege/raider.ts";
import {
  allAddresses,
  ANNOUNCED,
  clientOf,
  LISTENING,
  open,
  run,
} from "../support/pipelines.ts";

/** How long any one thing may take. */
export const STEP_MS = 8000;

/** What an answer to a request has. */
export type Answer = Readonly<Record<string, unknown>>;

const double = defineStep("double", (n: number) => 2 * n);
/** No worker runs it. */
const idle = defineStep("idle", (value: unknown) => value);
/** A list of numbers, each of which is a job of "idle". */
const list = defineStep(
  "list",
  (count: number) => Array.from({ length: count }, (_, i) => i),
);
const lists = flow(list, "lists").each(idle);

/** Which socket of the pipeline, and the type of who connects to it. */
const TYPES = {
  requests: "DEALER",
  results: "PUSH",
  events: "PUB",
  feed: "SUB",
} as const;

/** A pipeline under attack. */
export interface Besieged {
  readonly pipeline: Pipeline;
  readonly addresses: Required<PipelineAddresses>;
  readonly client: PipelineClient;
  readonly worker: StepRun;
  /** What the pipeline reported. */
  readonly errors: readonly Error[];
  /** A raw peer at a socket of the pipeline. */
  raid(
    where: keyof typeof TYPES,
    options?: RaiderOptions,
  ): Promise<Raider>;
  /** A raw peer at the socket where the worker takes jobs. */
  raidWorker(): Promise<Raider>;
  /** An honest job comes to its result. */
  honest(): Promise<void>;
  /** Sends requests as one peer, and returns the answers; those to objects in order. */
  ask(...requests: readonly (object | string)[]): Promise<Answer[]>;
  /** Waits until the pipeline has reported something that matches. */
  reported(what: RegExp): Promise<void>;
}

/** Starts one. */
export async function besieged(
  t: TestContext,
  options: Partial<PipelineOptions> = {},
): Promise<Besieged> {
  const { pipeline, requests, errors } = await open(t, {
    flows: [flow(double), flow(idle), lists],
    ...options,
  }, ANNOUNCED);
  const worker = await run(t, double, requests, LISTENING);
  await run(t, list, requests);
  const client = clientOf(t, requests);
  const addresses = allAddresses(pipeline);
  let count = 0;
  const self: Besieged = {
    ...{ pipeline, addresses, client, worker, errors },
    async raid(where, options) {
      const raider = Raider.join(addresses[where], TYPES[where], options);
      return t.use(await raider);
    },
    async raidWorker() {
      return t.use(await Raider.join(worker.address!, "PUSH"));
    },
    async honest() {
      const n = ++count;
      const id = await within(client.submit(double, n), STEP_MS, "to submit");
      const result = await within(client.result(id), STEP_MS, "its result");
      assertEquals(result, 2 * n);
    },
    async ask(...questions) {
      const raider = await self.raid("requests");
      const answers: Answer[] = [];
      const frames = new Frames((body) => {
        if (body.byteLength > 0) {
          answers.push(JSON.parse(new TextDecoder().decode(body)));
        }
      });
      raider.onData = (chunk) => frames.take(chunk);
      for (const [i, question] of questions.entries()) {
        await raider.put(
          request(
            typeof question === "string"
              ? question
              : { request_id: i, ...question },
          ),
        );
      }
      await eventually(
        () => answers.length === questions.length || raider.isCut,
        STEP_MS,
        `${questions.length} answers, not ${answers.length}`,
      );
      const at = ({ request_id: id }: Answer) =>
        typeof id === "number" ? id : 0;
      return answers.sort((a, b) => at(a) - at(b));
    },
    async reported(what) {
      await eventually(
        () => errors.some(({ message }) => what.test(message)),
        STEP_MS,
        `a report of ${what}, not ${errors.map(String).join("; ")}`,
      );
    },
  };
  await self.honest();
  return self;
}

/** A request as a DEALER sends it: behind an empty frame, as a REQ does. */
export function request(what: object | string): Uint8Array {
  const json = typeof what === "string" ? what : JSON.stringify(what);
  return bytes(frame("", MORE), frame(json));
}

/** Takes frames out of what comes behind the handshake. */
class Frames {
  readonly #each: (body: Uint8Array) => void;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(each: (body: Uint8Array) => void) {
    this.#each = each;
  }

  take(chunk: Uint8Array): void {
    let rest = bytes(this.#rest, chunk);
    while (rest.byteLength >= 2) {
      const isLong = (rest[0]! & 2) !== 0;
      const head = isLong ? 9 : 2;
      if (rest.byteLength < head) break;
      const view = new DataView(rest.buffer, rest.byteOffset);
      const size = isLong ? Number(view.getBigUint64(1)) : rest[1]!;
      if (rest.byteLength < head + size) break;
      if ((rest[0]! & 4) === 0) this.#each(rest.subarray(head, head + size));
      rest = rest.subarray(head + size);
    }
    this.#rest = rest;
  }
}
