/**
 * Test support. Fuzzes what a pipeline receives: workers at its results,
 * clients at its requests, topics at its feed, records at its events; and what a
 * step receives from it. Whatever was sent, an honest job gets its worker
 * afterwards.
 *
 * @module
 */
import { PipelineError } from "../../../src/pipeline/model/pipeline_error.ts";
import { Feed } from "../../../src/pipeline/server/feed.ts";
import { statusOf } from "../../../src/pipeline/server/request_server.ts";
import { answer as realAnswer } from "../../../src/pipeline/server/requests.ts";
import { decodeJson, encodeJson } from "../../../src/pipeline/protocol/json.ts";
import { feedFromWire } from "../../../src/pipeline/protocol/names.ts";
import {
  type Parsed,
  parseMessage,
  readObject,
  readToWorker,
  workerMessageOf,
} from "../../../src/pipeline/protocol/reader.ts";
import type { XPublisher } from "../../../src/zmq/mod.ts";
import { TestCoordinator } from "../../pipeline/coordinator/fixture.ts";
import { mutate, reorder } from "../mutate.ts";
import { OPENING, sentence, SPEAKERS } from "../pipeline_grammar.ts";
import type { Random } from "../random.ts";
import { demand, type Input, type Target } from "../target.ts";
import { Writer } from "../writer.ts";

/** Ends a line. JSON has none of these. */
const END = 0x0a;
/** An answer may have so many bytes, and so many more for each byte that was said. */
const ANSWER_BYTES = 256 * 1024;
const ANSWER_FACTOR = 30;
/** The timeline of one job may have so many lines, whatever is said of it. */
const TIMELINE_LINES = 200;
/** Only the honest peers send this. */
const HONEST = "honest-7f3a9c";

const GRAPHS = {
  a: [{ jobType: "a", after: [] }],
  chain: [{ jobType: "a", after: [] }, { jobType: "b", after: [0] }],
  lists: [{ jobType: "a", after: [] }, {
    jobType: "b",
    after: [0],
    each: true,
  }],
  [HONEST]: [{ jobType: HONEST, after: [] }],
} as const;

/** Answers a request. */
export type Answerer = typeof realAnswer;

/**
 * Makes the target.
 *
 * @param answer Another one shows what the judge catches.
 */
export function pipelineTarget(
  share: number,
  answer: Answerer = realAnswer,
): Target {
  const writer = new Writer();
  const counts = new Map<string, number>();
  return {
    name: "pipeline",
    share,
    counts,
    generate(random: Random): Input {
      writer.clear();
      for (const line of OPENING) if (!random.oneIn(8)) say(line, writer);
      for (let n = 1 + random.below(12); n > 0; n--) {
        say(sentence(random), writer);
      }
      if (random.oneIn(4)) reorder(writer, random);
      if (random.oneIn(3)) mutate(writer, random);
      return { setup: {}, bytes: writer.written, cuts: [] };
    },
    async run({ bytes }: Input): Promise<string> {
      const talk = new Talk(bytes.byteLength, counts, answer);
      await talk.begin();
      try {
        for (const line of linesOf(bytes)) await talk.receive(line);
        await talk.judge();
      } finally {
        await talk.end();
      }
      return talk.refused > 0 ? "some refused" : "all taken";
    },
  };
}

function say(line: string, writer: Writer): void {
  writer.part();
  writer.append(new TextEncoder().encode(line));
  writer.byte(END);
}

function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let at = 0; at < bytes.byteLength;) {
    const end = bytes.indexOf(END, at);
    const stop = end < 0 ? bytes.byteLength : end;
    if (stop > at) lines.push(bytes.subarray(at, stop));
    at = stop + 1;
  }
  return lines;
}

/** A pipeline without sockets, and all that is said to it. */
class Talk {
  refused = 0;
  readonly #size: number;
  readonly #counts: Map<string, number>;
  readonly #answerer: Answerer;
  readonly #tested = new TestCoordinator({
    graphs: GRAPHS,
    steps: new Map(["a", "b", HONEST].map((type) => [type, {
      retry: { attempts: 3, delayMs: 1, maxDelayMs: 10 },
    }])),
    maxQueued: 100,
    maxItems: 1000,
    maxPayloadBytes: 64 * 1024,
  });
  readonly #feed = new Feed();
  readonly #topics: Uint8Array[][] = [];
  #wake: () => void = () => {};
  #isOver = false;
  readonly #published: Promise<void>;

  constructor(size: number, counts: Map<string, number>, answerer: Answerer) {
    this.#size = size;
    this.#counts = counts;
    this.#answerer = answerer;
    this.#published = this.#feed.serveSubscribers(this.#publisher());
  }

  async begin(): Promise<void> {
    await this.#tested.start();
  }

  /** Receives a line; a malformed one is refused with a code. */
  async receive(line: Uint8Array): Promise<void> {
    const speaker = SPEAKERS.includes(String.fromCharCode(line[0]!))
      ? String.fromCharCode(line[0]!)
      : SPEAKERS[line[0]! % SPEAKERS.length]!;
    const body = line.subarray(1);
    try {
      switch (speaker) {
        case "u":
          this.#receiveFromStep(body);
          break;
        case "r":
          await this.#answer(body);
          break;
        case "d":
          readToWorker(body);
          break;
        case "e":
          feedFromWire("logs:a:20", readRecord(body));
          break;
        case "t":
          this.#topics.push([body.slice()]);
          this.#wake();
      }
      this.#count(`${speaker} taken`);
    } catch (error: unknown) {
      this.refused++;
      this.#count(`${speaker} ${codeOf(error)}`);
    }
  }

  /** An honest job gets its worker, and nothing has grown without an end. */
  async judge(): Promise<void> {
    const tested = this.#tested;
    const { operations, coordinator } = tested;
    for (const warning of tested.warnings) codeOf(warning);
    await operations.resume();
    tested.sent.length = 0;
    tested.join("honest worker", { jobType: HONEST });
    const { id } = await operations.submit({
      name: HONEST,
      payload: "1",
    });
    const sent = (await tested.takeSent("honest worker")).filter((one) =>
      one.type === "job"
    );
    demand(sent.length === 1, `the honest job was sent ${sent.length} times`);
    tested.succeed("honest worker", sent[0]!, { well: true });
    await tested.takeSent();
    const { flow } = await operations.status(id);
    demand(flow.state === "completed", `the honest flow is ${flow.state}`);
    for (const job of ["j1", "j2", "j3"]) await this.#judgeTimeline(job);
    demand(
      [...coordinator.workers.values()].length <= 8,
      "more workers than were talked about",
    );
    this.#feed.publish("job:completed:a:j1", { jobType: "a" });
  }

  async end(): Promise<void> {
    this.#isOver = true;
    this.#wake();
    await this.#published;
    await this.#tested.stop();
  }

  async #judgeTimeline(job: string): Promise<void> {
    let lines: number;
    try {
      lines = (await this.#tested.operations.timeline(job)).length;
    } catch (error: unknown) {
      codeOf(error);
      return;
    }
    demand(
      lines <= TIMELINE_LINES,
      `the timeline of ${job} has ${lines} lines`,
    );
  }

  #receiveFromStep(body: Uint8Array): void {
    // None is so large that it is read in turns.
    const message = workerMessageOf(parseMessage(body) as Parsed);
    this.#tested.coordinator.receive(message);
    if (message.type === "available") {
      this.#tested.coordinator.workerManager.connected(message.id);
    }
  }

  async #answer(body: Uint8Array): Promise<void> {
    const host = {
      describe: () => ({ name: "fuzzed" }),
      requireWorker: () => {},
    };
    try {
      const request = readObject(body);
      // Does not wait here for what may never come.
      if (request.type === "result") Object.assign(request, { wait_ms: 0 });
      const { operations } = this.#tested;
      const view = await this.#answerer(request, {
        operations,
        lists: operations.bounded,
        host,
      });
      const { byteLength } = encodeJson(view);
      const most = ANSWER_BYTES + ANSWER_FACTOR * this.#size;
      demand(byteLength <= most, `an answer has ${byteLength} bytes`);
    } catch (error: unknown) {
      demand(statusOf(error) < 500, `status ${statusOf(error)}: ${error}`);
      throw error;
    }
  }

  #count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  /** Stands for the XPUB of the feed: subscriptions are what it receives. */
  #publisher(): XPublisher {
    const next = async (): Promise<IteratorResult<Uint8Array[]>> => {
      while (this.#topics.length === 0) {
        if (this.#isOver) return { done: true, value: undefined };
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
      return { done: false, value: this.#topics.shift()! };
    };
    const publisher = {
      closed: false,
      trySend: () => true,
      [Symbol.asyncIterator]: () => ({ next }),
    };
    return publisher as unknown as XPublisher;
  }
}

/** Reads a record as it comes from a step. */
function readRecord(bytes: Uint8Array): unknown {
  try {
    return decodeJson(bytes);
  } catch (error: unknown) {
    if (error instanceof SyntaxError) {
      throw new PipelineError("ERR_PIPELINE_INVALID", "no JSON");
    }
    throw error;
  }
}

/** The code of an error that somebody's words may cause; any other error is a flaw. */
function codeOf(error: unknown): string {
  if (error instanceof PipelineError) return error.code;
  throw error;
}
