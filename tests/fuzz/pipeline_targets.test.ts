/** Who breaks a rule of the targets for pipelines is caught. */
import { assert, assertStringIncludes } from "@std/assert";
import { dashboard } from "../../src/pipeline/http/dashboard.ts";
import { answer } from "../../src/pipeline/server/requests.ts";
import { test } from "../support/harness.ts";
import { fuzz } from "./runner.ts";
import type { Target } from "./target.ts";
import { httpTarget, type Maker } from "./targets/http.ts";
import { type Answerer, pipelineTarget } from "./targets/pipeline.ts";

/** What breaks within some inputs. */
async function problemOf(target: Target): Promise<string> {
  const { failure } = await fuzz([target], { seed: 3, inputs: 300 });
  assert(failure !== undefined, "nothing broke");
  return failure.problem;
}

const breaksOn =
  (type: string, then: () => never): Answerer => (request, ...rest) =>
    request.type === type ? then() : answer(request, ...rest);

for (
  const [what, answerer, problem] of [
    [
      "an error that is none of a pipeline's",
      breaksOn("status", () => {
        throw new RangeError("too deep");
      }),
      "RangeError: too deep",
    ],
    [
      "an answer that is far larger than the question",
      (() => ({ text: "x".repeat(1 << 20) })) as Answerer,
      "an answer has 10",
    ],
    [
      "a pipeline that gives out no more jobs",
      ((_request, { operations }) => {
        operations.drain();
        operations.resume = () => operations.pause();
        return {};
      }) as Answerer,
      "the honest job was sent 0 times",
    ],
  ] as const
) {
  test(`${what} is caught`, async () => {
    assertStringIncludes(await problemOf(pipelineTarget(1, answerer)), problem);
  });
}

/** A dashboard that answers some requests otherwise. */
const instead = (
  applies: (request: Request) => boolean,
  then: () => Response,
): Maker =>
(...args) => {
  const real = dashboard(...args);
  const handler = (request: Request) =>
    applies(request) ? Promise.resolve(then()) : real(request);
  return Object.assign(handler, {
    token: real.token,
    link: real.link,
    close: real.close,
    [Symbol.asyncDispose]: real.close,
  });
};
const isJobs = ({ url }: Request) => url.includes("/api/jobs");

for (
  const [what, make, problem] of [
    [
      "a fault of the dashboard",
      instead(isJobs, () => new Response("", { status: 500 })),
      "the status is 500",
    ],
    [
      "a page without an end",
      instead(isJobs, () => new Response("x".repeat(2 << 20))),
      "an answer has 2097152 bytes",
    ],
    [
      "a page for strangers",
      instead(isJobs, () => new Response("all jobs")),
      "a stranger gets 200",
    ],
  ] as const
) {
  test(`${what} is caught`, async () => {
    assertStringIncludes(await problemOf(httpTarget(1, make)), problem);
  });
}
