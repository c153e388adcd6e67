/**
 * Layer: pipeline/http. What a process answers while another one leads its
 * pipeline.
 *
 * @module
 */
import { json, refusal } from "./answers.ts";

/**
 * Answers for a process that stands by: it is well (`/healthz` has status 200), and
 * not ready (`/readyz` and all else have 503).
 *
 * @example
 * ```ts
 * import { serveHttp, standby } from "@agentzero/agentzero/pipeline/http";
 *
 * let handler = standby; // while it leads, that of dashboard(pipeline)
 * await using server = await serveHttp((request) => handler(request), { port: 0 });
 * console.log(await (await fetch(`${server.url}/healthz`)).json()); // { status: "standby" }
 * ```
 */
export function standby(request: Request): Response {
  const { pathname } = new URL(request.url);
  const status = { status: "standby" };
  if (pathname.endsWith("/healthz")) return json(status);
  if (pathname.endsWith("/readyz")) return json(status, 503);
  return refusal(
    503,
    "standby",
    "This process stands by: another one leads the pipeline",
    { "retry-after": "1" },
  );
}
