import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { zmq } from "@agentzero/agentzero";
import {
  type HttpHandler,
  serveHttp,
  standby,
} from "@agentzero/agentzero/pipeline/http";
import {
  deferred,
  eventually,
  runtime,
  test,
  type TestContext,
  within,
} from "../../support/harness.ts";
import { pickyStep, type Site, start, TOKEN } from "./fixture.ts";

const headers = { authorization: `Bearer ${TOKEN}` };

/** How a runtime serves by itself; Node has `node:http` only, as serveHttp does. */
const NATIVE: Record<
  string,
  (t: TestContext, handler: HttpHandler) => Promise<string>
> = {
  deno: (t, handler) => {
    const started = deferred<string>();
    const server = Deno.serve({
      port: 0,
      hostname: "127.0.0.1",
      onListen: ({ port }) => started.resolve(`http://127.0.0.1:${port}`),
    }, handler);
    t.cleanup(() => server.shutdown());
    return started.promise;
  },
  bun: (t, fetch) => {
    const { Bun } = globalThis as unknown as {
      Bun: {
        serve(
          options: { port: number; hostname: string; fetch: HttpHandler },
        ): { port: number; stop(isAtOnce: boolean): Promise<void> };
      };
    };
    const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch });
    t.cleanup(() => server.stop(true));
    return Promise.resolve(`http://127.0.0.1:${server.port}`);
  },
};

/** What must hold however the dashboard is served. */
async function checkServed(
  t: TestContext,
  site: Site,
  url: string,
): Promise<void> {
  const page = await fetch(site.handler.link(url), { redirect: "manual" });
  await page.body?.cancel();
  assertEquals(page.status, 303);
  const cookie = page.headers.get("set-cookie")!.split(";")[0]!;
  const index = await fetch(url, { headers: { cookie } });
  assertMatch(await index.text(), /assets\/main\.js/);

  const post = await fetch(`${url}/api/pause`, { method: "POST", headers });
  assertEquals([post.status, await post.json()], [200, {}]);
  const sly = await fetch(`${url}/api/pause`, {
    method: "POST",
    headers: { cookie, origin: "http://evil.example" },
  });
  await sly.body?.cancel();
  assertEquals(sly.status, 403);
  assertEquals(await statusFor(url, "evil.example"), 403);

  const metrics = await fetch(`${url}/metrics`, { headers });
  assertMatch(await metrics.text(), /agentzero_build_info/);

  const abort = new AbortController();
  t.cleanup(() => abort.abort());
  const stream = await fetch(`${url}/events?topic=job:`, {
    headers,
    signal: abort.signal,
  });
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const id = await site.pipeline.submit("picky", "good" as never);
  while (!text.includes(id)) {
    text += (await within(reader.read(), 5000, "the event")).value;
  }
  assertEquals(await clientsOf(site), 1);
  abort.abort();
  await eventually(
    async () => await clientsOf(site) === 0,
    5000,
    "the client to be let go",
  );
}

/** How many listen to `/events`. */
async function clientsOf(site: Site): Promise<number> {
  const page = await (await site.fetch("/metrics")).text();
  return Number(
    /^agentzero_event_stream_clients\{.*\} (\d+)$/m.exec(page)?.[1],
  );
}

/** The status for a request that names another host, which `fetch` cannot. */
function statusFor(url: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = httpRequest(
      `${url}/api/overview`,
      { headers: { ...headers, host }, agent: false },
      (response) => {
        response.resume();
        response.on("end", () => resolve(response.statusCode!));
      },
    );
    call.on("error", reject);
    call.end();
  });
}

test("the dashboard is served by serveHttp", async (t) => {
  const site = await start(t, [pickyStep()]);
  const server = t.use(await serveHttp(site.handler, { port: 0 }));
  await checkServed(t, site, server.url);
});

const native = NATIVE[runtime];
if (native !== undefined) {
  test("the dashboard is served by the server of the runtime", async (t) => {
    const site = await start(t, [pickyStep()]);
    await checkServed(t, site, await native(t, site.handler));
  });
}

test("sockets are bound to a path of the server, beside the dashboard", async (t) => {
  const site = await start(t, [pickyStep()]);
  const http = await serveHttp(site.handler, { port: 0 });
  const shared = t.use(await zmq.shareServer(http.server));
  const reply = t.use(new zmq.Reply());
  await reply.bind(`${shared.endpoint}/questions`);
  const request = t.use(new zmq.Request());
  request.connect(reply.lastEndpoint!);
  await request.send("question");
  assertEquals(String(await reply.receive()), "question");
  await reply.send("answer");
  assertEquals(String(await request.receive()), "answer");
  const health = await fetch(`${http.url}/healthz`);
  assertEquals(health.status, 200);
  await health.body?.cancel();
  await Promise.all([reply.close(), request.close()]);
  await http.close();
});

test("close ends requests that never end by themselves", async (t) => {
  const site = await start(t, [pickyStep()]);
  const server = await serveHttp(site.handler, { port: 0 });
  const response = await fetch(`${server.url}/events`, { headers });
  const reader = response.body!.getReader();
  await reader.read();
  await within(server.close(), 2000, "the server to close");
  await server.close();
  await reader.read().then(() => reader.cancel(), () => {}); // however it was cut
  await assertRejects(() => fetch(server.url));
});

test("a handler gets the request, and its response arrives", async (t) => {
  const server = t.use(
    await serveHttp(async (request) => {
      const headers = new Headers({ "x-method": request.method });
      headers.append("set-cookie", "a=1");
      headers.append("set-cookie", "b=2");
      const { pathname, search } = new URL(request.url);
      return new Response(`${pathname}${search} ${await request.text()}`, {
        status: 201,
        headers,
      });
    }, { port: 0 }),
  );
  const response = await fetch(`${server.url}/a%20b?c=d`, {
    method: "PUT",
    body: "hello",
  });
  assertEquals(response.status, 201);
  assertEquals(response.headers.get("x-method"), "PUT");
  assertEquals(response.headers.getSetCookie(), ["a=1", "b=2"]);
  assertEquals(await response.text(), "/a%20b?c=d hello");
});

test("a body that is read slowly waits for its reader", async (t) => {
  let written = 0;
  const server = t.use(
    await serveHttp(() =>
      new Response(
        new ReadableStream({
          pull(controller) {
            controller.enqueue(new Uint8Array(65_536));
            written++;
            if (written === 2000) controller.close();
          },
        }),
      ), { port: 0 }),
  );
  const seen = await new Promise<number>((resolve, reject) => {
    const call = httpRequest(server.url, { agent: false }, (response) => {
      // Paused from the start: what was written stops growing.
      let before = -1;
      const look = setInterval(() => {
        if (written !== before) {
          before = written;
          return;
        }
        clearInterval(look);
        response.destroy();
        resolve(written);
      }, 100);
    });
    call.on("error", reject);
    call.end();
  });
  assert(seen < 2000, `all ${seen} chunks were written without a reader`);
});

test("other machines are refused unless insecure is set", async (t) => {
  const handler = () => new Response();
  for (const host of ["0.0.0.0", "::", "example.com", "10.0.0.1"]) {
    const error = await assertRejects(() =>
      serveHttp(handler, { host, port: 0 })
    );
    assertEquals((error as { code?: string }).code, "ERR_PIPELINE_INSECURE");
  }
  const one = t.use(await serveHttp(handler, { port: 0 }));
  const taken = await assertRejects(() =>
    serveHttp(handler, { port: one.port })
  );
  assertEquals((taken as { code?: string }).code, "EADDRINUSE");
});

/** What is answered to bytes that no client of HTTP would send. */
function answerTo(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(request));
    socket.setEncoding("latin1");
    socket.on("data", (chunk) => text += chunk);
    socket.on("error", reject);
    socket.on("close", () => resolve(text));
  });
}

test("methods and hosts that make no valid request are refused", async (t) => {
  let calls = 0;
  const server = t.use(
    await serveHttp((request) => {
      calls++;
      return new Response(new URL(request.url).pathname);
    }, { port: 0 }),
  );
  const ask = async (first: string, host: string) => {
    const request =
      `${first} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    const answer = await answerTo(server.port, request);
    return /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1];
  };
  assertEquals(await ask("GET /a", "localhost"), "200");
  assertEquals(await ask("GET /a", "[::1]:80"), "200");
  assertEquals(calls, 2);
  assertEquals(await ask("TRACE /a", "localhost"), "405");
  for (
    const host of [
      "localhost/healthz?",
      "a@127.0.0.1",
      "localhost#",
      "localhost:x",
      "",
    ]
  ) {
    assertEquals(await ask("GET /a", host), "400", host);
  }
  assertEquals(await ask("GET http://evil.example/a", "localhost"), "400");
  assertEquals(calls, 2, "the handler was not asked");
});

test("an unread body ends the connection", async (t) => {
  const server = t.use(
    await serveHttp(() => new Response("enough"), { port: 0 }),
  );
  const head =
    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1073741824\r\n\r\n";
  const answer = await within(
    answerTo(server.port, `${head}${"x".repeat(100_000)}`),
    8000,
    "the connection to end",
  );
  assertMatch(answer, /^HTTP\/1\.1 200/);
  assertMatch(answer, /enough/);
});

test("a connection that sends many requests before their answers is cut", {
  skip: runtime === "bun" && "Bun reads one request of a connection at a time",
}, async (t) => {
  const release = deferred<void>();
  let calls = 0;
  const server = t.use(
    await serveHttp(async ({ url }) => {
      calls++;
      if (url.endsWith("/slow")) await release.promise;
      return new Response("done");
    }, { port: 0 }),
  );
  const get = (path: string) =>
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const flood = answerTo(server.port, get("/slow").repeat(500));
  await within(flood, 8000, "the connection to be cut");
  assert(calls <= 16, `${calls} calls`);
  release.resolve();
  const few = get("/").repeat(15) +
    get("/").replace("Host", "Connection: close\r\nHost");
  const answers = await within(answerTo(server.port, few), 8000, "the answers");
  assertEquals(answers.match(/HTTP\/1\.1 200/g)?.length, 16);
});

test("a standby is healthy, and not ready", async () => {
  const ask = async (path: string) => {
    const response = standby(new Request(`http://localhost/${path}`));
    const body = await response.json();
    return [response.status, body.status ?? body.error.code];
  };
  assertEquals(await ask("healthz"), [200, "standby"]);
  assertEquals(await ask("readyz"), [503, "standby"]);
  assertEquals(await ask("api/overview"), [503, "standby"]);
});
