/**
 * Layer: pipeline/http. A pipeline over HTTP: the page and its JSON, events,
 * metrics and health. It does not listen by itself.
 *
 * @module
 */
import { isIntegerIn } from "../../zmq/integers.ts";
import type { ShardMember } from "../shard_member.ts";
import { Activity } from "./activity.ts";
import { answer, json, redirect, refusal } from "./answers.ts";
import { callApi } from "./routes.ts";
import {
  type DashboardOptions,
  type Settings,
  settingsOf,
} from "./dashboard_options.ts";
import { REMEMBERED, SseHub } from "./sse_hub.ts";
import { EXPOSITION_TYPE } from "./exposition.ts";
import { Guard } from "./guard.ts";
import { healthOf } from "./health.ts";
import { LagMeter } from "./lag.ts";
import { metricsPage } from "./metrics.ts";
import { RequestBodies } from "./request_bodies.ts";
import { standby } from "./standby.ts";
import { type Observed, type Subject, subjectOf } from "./subject.ts";
import { ASSETS, INDEX, LOGIN } from "./page/assets.ts";

/** A handler of HTTP requests, for Deno, Bun and Node. */
export interface Dashboard extends AsyncDisposable {
  /** Answers a request. Never rejects. */
  (request: Request): Promise<Response>;
  /** The secret for access; `false` without one. */
  readonly token: string | false;
  /**
   * The URL to open in a browser, with the token.
   *
   * @param origin Where it is served, such as `http://127.0.0.1:7080`.
   */
  link(origin: string | URL): string;
  /** Stops watching the pipeline, and ends all streams. Safe to call again. */
  close(): Promise<void>;
}

/**
 * Shows a pipeline over HTTP. Of a pipeline with shards it shows all of them, in
 * each process that takes part: pass what `onListening` of `standByShards` gets.
 *
 * | path | response |
 * |---|---|
 * | `/` | the page |
 * | `/healthz`, `/readyz` | 200 or 503; the reasons, with the token |
 * | `/metrics` | for Prometheus |
 * | `/events` | events, as server-sent events |
 * | `/api/…` | the JSON behind the page |
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID` for invalid options.
 *
 * @example
 * ```ts
 * import { defineStep, Pipeline } from "@agentzero/agentzero/pipeline";
 * import { dashboard, serveHttp } from "@agentzero/agentzero/pipeline/http";
 *
 * const double = defineStep("double", (n: number) => 2 * n);
 * await using pipeline = new Pipeline({ name: "numbers", steps: [double] });
 * await pipeline.listen({ port: 0 });
 *
 * await using handler = dashboard(pipeline);
 * await using server = await serveHttp(handler, { port: 0 });
 * console.log(handler.link(server.url)); // open this in a browser
 * ```
 */
export function dashboard(
  pipeline: Observed | ShardMember,
  options: DashboardOptions = {},
): Dashboard {
  const settings = settingsOf(options);
  const site = new Site(subjectOf(pipeline), settings, new Guard(settings));
  const { token, path } = settings;
  const close = () => Promise.resolve(site.close());
  const answer = (request: Request) => site.answer(request);
  // Not enumerable, so that logging a handler does not reveal its token.
  Object.defineProperty(answer, "token", { value: token });
  return Object.assign(answer as typeof answer & Pick<Dashboard, "token">, {
    link: (origin: string | URL) => {
      const url = new URL(path, origin);
      if (token !== false) url.searchParams.set("token", token);
      return url.href;
    },
    close,
    [Symbol.asyncDispose]: close,
  });
}

/** The state between requests. */
class Site {
  readonly #pipeline: Subject;
  readonly #settings: Settings;
  readonly #guard: Guard;
  readonly #activity = new Activity();
  /** That of what is in this process. */
  readonly #activityHere: Activity;
  readonly #lag = new LagMeter();
  readonly #hub: SseHub;
  readonly #bodies: RequestBodies;
  readonly #unwatch: readonly (() => void)[];
  #isClosed = false;

  constructor(pipeline: Subject, settings: Settings, guard: Guard) {
    this.#guard = guard;
    this.#pipeline = pipeline;
    this.#settings = settings;
    this.#hub = new SseHub(settings.keepAliveMs);
    this.#bodies = new RequestBodies(pipeline.maxPayloadBytes);
    const unwatch = pipeline.watch((event) => {
      this.#activity.record(event);
      this.#hub.publish(event);
    });
    const { here } = pipeline;
    const isAllHere = here.watch === pipeline.watch;
    const activityHere = isAllHere ? this.#activity : new Activity();
    this.#activityHere = activityHere;
    this.#unwatch = isAllHere
      ? [unwatch]
      : [unwatch, here.watch((event) => activityHere.record(event))];
  }

  close(): void {
    this.#isClosed = true;
    for (const unwatch of this.#unwatch) unwatch();
    this.#lag.stop();
    this.#hub.close();
  }

  async answer(request: Request): Promise<Response> {
    try {
      const answer = await this.#route(request);
      if (request.method !== "HEAD") return answer;
      await answer.body?.cancel();
      return new Response(null, answer);
    } catch (error) {
      this.#settings.onError(error as Error);
      return refusal(
        500,
        "internal",
        "Internal error of the dashboard; see its log",
      );
    }
  }

  async #route(request: Request): Promise<Response> {
    const { path: base } = this.#settings;
    const url = new URL(request.url);
    if (`${url.pathname}/` === base) return redirect(base);
    if (!url.pathname.startsWith(base)) {
      return refusal(404, "unknown_path", `Unknown path "${url.pathname}"`);
    }
    const path = url.pathname.slice(base.length);
    if (this.#isClosed) {
      return refusal(503, "closed", "The dashboard is closed");
    }
    const credential = await this.#guard.authenticate(request);
    // Health probes have no token, use any host name, and get the status only.
    if (path === "healthz" || path === "readyz") {
      return this.#health(request, credential !== undefined);
    }
    if (!this.#guard.isKnownHost(request)) {
      return refusal(
        403,
        "unknown_host",
        'Unknown host name: see the option "allowedHosts"',
      );
    }
    if (path.startsWith("assets/")) return asset(request, path.slice(7));
    const token = url.searchParams.get("token");
    if (path === "" && isRead(request) && token !== null) {
      return await this.#enter(token, url);
    }
    if (credential === undefined) return unauthorized(path);
    if (!isRead(request) && !this.#guard.isSameOrigin(request, credential)) {
      return refusal(
        403,
        "other_origin",
        "Cross-origin requests must not modify anything",
      );
    }
    return await this.#serve(request, url, path);
  }

  /** Answers an authorized request. */
  #serve(
    request: Request,
    url: URL,
    path: string,
  ): Response | Promise<Response> {
    if (path.startsWith("api/")) {
      return callApi(request, path.slice(4), {
        pipeline: this.#pipeline,
        activity: this.#activity,
        bodies: this.#bodies,
        onError: this.#settings.onError,
      });
    }
    if (path !== "" && path !== "metrics" && path !== "events") {
      return refusal(404, "unknown_path", `Unknown path "${url.pathname}"`);
    }
    if (!isRead(request)) {
      return refusal(405, "wrong_method", `"${url.pathname}" takes GET`, {
        allow: "GET, HEAD",
      });
    }
    if (path === "events") return this.#events(request, url);
    return path === "metrics" ? this.#metrics() : page();
  }

  /** Exchanges the token in a URL for a cookie. */
  async #enter(token: string, url: URL): Promise<Response> {
    const isHttps = url.protocol === "https:";
    const cookie = await this.#guard.cookieFor(token, isHttps);
    if (cookie !== undefined) {
      return redirect(this.#settings.path, { "set-cookie": cookie });
    }
    return this.#settings.token === false
      ? redirect(this.#settings.path)
      : unauthorized("");
  }

  async #health(request: Request, isAuthenticated: boolean): Promise<Response> {
    const { here } = this.#pipeline;
    if (here.isStandby) return standby(request);
    const health = await here.stats().then(
      (stats) => healthOf(here.trouble, stats),
      // A store that cannot be read is an answer, too.
      (error) => healthOf(error, undefined),
    );
    const { status } = health;
    return json(
      isAuthenticated ? health : { status },
      status === "ok" ? 200 : 503,
    );
  }

  async #metrics(): Promise<Response> {
    const { name, here } = this.#pipeline;
    const page = metricsPage({
      name,
      stats: await here.stats(),
      isHealthy: here.trouble === undefined,
      activity: this.#activityHere,
      lag: this.#lag.histogram,
      clients: this.#hub,
    });
    return answer(200, page, { "content-type": EXPOSITION_TYPE });
  }

  #events(request: Request, { searchParams }: URL): Response {
    if (request.method === "HEAD") return answer(200, null, EVENT_STREAM);
    const last = Number(searchParams.get("last") ?? 0);
    if (!isIntegerIn(last, 0, REMEMBERED)) {
      const text = `"last" must be a whole number up to ${REMEMBERED}`;
      return refusal(400, "invalid", text);
    }
    if (this.#hub.isFull) {
      return refusal(503, "too_many_clients", "Too many clients of /events");
    }
    const body = this.#hub.open({
      topics: searchParams.getAll("topic"),
      lastEventId: request.headers.get("last-event-id") ?? undefined,
      last,
    });
    return answer(200, body, EVENT_STREAM);
  }
}

const EVENT_STREAM = {
  "content-type": "text/event-stream",
  "x-accel-buffering": "no", // stops nginx from buffering events
};

function isRead({ method }: Request): boolean {
  return method === "GET" || method === "HEAD";
}

/** The response to a request without a valid token: a form at the root, else JSON. */
function unauthorized(path: string): Response {
  const challenge = { "www-authenticate": 'Bearer realm="agentzero"' };
  if (path === "") {
    return answer(401, LOGIN, {
      "content-type": "text/html; charset=utf-8",
      ...challenge,
    });
  }
  const text = "The token is missing or wrong";
  return refusal(401, "no_token", text, challenge);
}

function page(): Response {
  return answer(200, INDEX, { "content-type": "text/html; charset=utf-8" });
}

/** A file of the page. These are public: the form for the token needs them. */
function asset(request: Request, name: string): Response {
  const file = ASSETS.get(name);
  if (file === undefined) {
    return refusal(404, "unknown_path", `Unknown file "${name}"`);
  }
  const headers = { "cache-control": "no-cache", etag: `"${file.hash}"` };
  if (request.headers.get("if-none-match") === headers.etag) {
    return answer(304, null, headers);
  }
  return answer(200, file.text, { "content-type": file.type, ...headers });
}
