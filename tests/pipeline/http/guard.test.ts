import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { inspect } from "node:util";
import { dashboard } from "@agentzero/agentzero/pipeline/http";
import { Pipeline } from "@agentzero/agentzero/pipeline";
import { Guard } from "../../../src/pipeline/http/guard.ts";
import { test } from "../../support/harness.ts";
import { pickyStep, start, TOKEN } from "./fixture.ts";

const guard = (allowedHosts: string[] = [], path = "/") =>
  new Guard({ token: TOKEN, allowedHosts, path });

const request = (
  headers: Record<string, string> = {},
  url = "http://127.0.0.1:7080/",
) => new Request(url, { headers });

test("loopback names are known hosts, others only if they are allowed", () => {
  const isKnown = (host: string, allowed: string[] = []) =>
    guard(allowed).isKnownHost(request({ host }));
  for (
    const host of ["localhost", "127.0.0.1:7080", "[::1]:80", "LOCALHOST:1"]
  ) {
    assert(isKnown(host), host);
  }
  for (
    const host of [
      "evil.example",
      "127.0.0.1.evil.example",
      "localhost.evil.example:7080",
      "10.0.0.1",
      "",
      "a b",
      "evil@127.0.0.1",
      "localhost/healthz?",
    ]
  ) {
    assert(!isKnown(host), host);
  }
  assert(isKnown("jobs.example:8443", ["jobs.example"]));
  assert(isKnown("jobs.example:8443", ["jobs.example:8443"]));
  assert(!isKnown("jobs.example:1", ["jobs.example:8443"]));
});

test("without the header, the address of the request names the host", () => {
  assert(guard().isKnownHost(request({}, "http://localhost:1/")));
  assert(!guard().isKnownHost(request({}, "http://evil.example/")));
});

test("the token authenticates, as a bearer or by its cookie", async () => {
  const one = guard();
  const pass = (headers: Record<string, string>) =>
    one.authenticate(request(headers));
  assertEquals(await pass({ authorization: `Bearer ${TOKEN}` }), "bearer");
  assertEquals(await pass({ authorization: `bearer  ${TOKEN} ` }), "bearer");
  for (
    const headers of [
      {},
      { authorization: "Bearer wrong" },
      { authorization: `Basic ${TOKEN}` },
      { authorization: `Bearer ${TOKEN}x` },
      { cookie: `agentzero=${TOKEN}` },
    ] as Record<string, string>[]
  ) {
    assertEquals(await pass(headers), undefined, JSON.stringify(headers));
  }
  assertEquals(await one.cookieFor("wrong", false), undefined);
  const cookie = (await one.cookieFor(TOKEN, false))!;
  assertMatch(
    cookie,
    /^agentzero_[0-9a-f]{8}=[0-9a-f]{64}; HttpOnly; SameSite=Strict; Path=\/$/,
  );
  assert(!cookie.includes(TOKEN), "the cookie has the token");
  const [pair] = cookie.split(";");
  assertEquals(await pass({ cookie: `a=b; ${pair}` }), "cookie");
  assertEquals(await pass({ cookie: `${pair}0` }), undefined);
  assertMatch((await one.cookieFor(TOKEN, true))!, /; Secure$/);
});

test("a wrong bearer is refused despite a valid cookie", async () => {
  const one = guard();
  const cookie = (await one.cookieFor(TOKEN, false))!.split(";")[0]!;
  const both = request({ cookie, authorization: "Bearer wrong" });
  assertEquals(await one.authenticate(both), undefined);
});

test("another token has another cookie, so that two dashboards share a host", async () => {
  const other = new Guard({ token: TOKEN + "2", allowedHosts: [], path: "/" });
  const [a] = (await guard().cookieFor(TOKEN, false))!.split("=");
  const [b] = (await other.cookieFor(TOKEN + "2", false))!.split("=");
  assert(a !== b);
});

test("changes come from the page itself, or from a holder of the token", () => {
  const isGood = (
    pass: "cookie" | "bearer" | "open",
    headers: Record<string, string>,
  ) => guard().isSameOrigin(request({ host: "localhost:1", ...headers }), pass);
  assert(isGood("cookie", { origin: "http://localhost:1" }));
  assert(isGood("cookie", { origin: "https://localhost:1" }), "behind TLS");
  assert(isGood("bearer", {}));
  assert(isGood("open", {}));
  for (const pass of ["cookie", "bearer", "open"] as const) {
    assert(!isGood(pass, { origin: "http://evil.example" }), pass);
    assert(!isGood(pass, { origin: "http://localhost:2" }), pass);
    assert(!isGood(pass, { origin: "null" }), pass);
    assert(
      !isGood(pass, {
        origin: "http://localhost:1",
        "sec-fetch-site": "same-site",
      }),
      pass,
    );
  }
  assert(!isGood("cookie", {}), "a browser says where it comes from");
});

test("a guessable token is refused", () => {
  const pipeline = new Pipeline({ name: "test", steps: [pickyStep()] });
  assertThrows(
    () => dashboard(pipeline, { token: "short" }),
    Error,
    "at least 16 characters",
  );
  assertThrows(
    () => dashboard(pipeline, { path: "jobs" }),
    Error,
    "path must be",
  );
  assertThrows(
    () => dashboard(pipeline, { keepAliveMs: 0 }),
    Error,
    "keepAliveMs must be",
  );
});

test("a generated token is random, and part of the link", async (t) => {
  const one = await start(t, [pickyStep()], { token: undefined });
  const two = await start(t, [pickyStep()], { token: undefined });
  const { token } = one.handler;
  assertMatch(String(token), /^[\w-]{32}$/);
  assert(token !== two.handler.token);
  assertEquals(
    one.handler.link("http://localhost:1"),
    `http://localhost:1/?token=${token}`,
  );
});

test("a dashboard that is logged does not show its token", async (t) => {
  const { handler } = await start(t, [pickyStep()]);
  assertEquals(handler.token, TOKEN);
  assert(!Object.keys(handler).includes("token"));
  assert(!inspect(handler).includes(TOKEN));
});
