/**
 * A pipeline over HTTP: a page to watch and control it, JSON, server-sent events, metrics for Prometheus, and health.
 *
 * @example
 * ```ts
 * import { defineStep, Pipeline } from "@agentzero/agentzero/pipeline";
 * import { dashboard, serveHttp } from "@agentzero/agentzero/pipeline/http";
 *
 * const greet = defineStep("greet", (name: string) => `Hello, ${name}`);
 * await using pipeline = new Pipeline({ name: "greetings", steps: [greet] });
 * await pipeline.listen({ port: 0 });
 *
 * await using handler = dashboard(pipeline);
 * await using server = await serveHttp(handler, { port: 0 });
 * console.log(handler.link(server.url)); // open this in a browser
 * ```
 *
 * @module
 */
export { type Dashboard, dashboard } from "./dashboard.ts";
export type { DashboardOptions } from "./dashboard_options.ts";
export type { Observed } from "./subject.ts";
export {
  type HttpHandler,
  type HttpServer,
  serveHttp,
  type ServeOptions,
} from "./serve_http.ts";
export { standby } from "./standby.ts";
