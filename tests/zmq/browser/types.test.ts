// Pages and workers in Chromium, with servers on each runtime.
import { assertEquals, assertMatch } from "@std/assert";
import { noBrowser } from "../../support/browser.ts";
import { test } from "../../support/harness.ts";
import { Program, type RuntimeName } from "../../pipeline/support/programs.ts";
import { openSite, serveSite } from "./site.ts";

const SERVERS = new URL("./programs/servers.ts", import.meta.url).href;
const options = { skip: noBrowser, timeoutMs: 60_000 };

const ECHO = ["hello", "", 300_000, true];
const RESULTS = {
  "REQ": ECHO,
  "DEALER to DEALER": ECHO,
  "DEALER to ROUTER": ECHO,
  "PAIR": ECHO,
  "PUSH": "pushed",
  "XPUB": "received",
  "PUB": "received",
  "SUB": ["SUB", "news"],
  "XSUB": ["XSUB", "news"],
  "REP": "question, answered",
};

const SECURED = {
  wss: ECHO,
  PLAIN: ECHO,
  CURVE: ECHO,
  "a wrong password": "AuthError 400",
  "the keys fit": true,
};

/** Without it the page has what every browser has. */
const WITHOUT_STREAM = "delete globalThis.WebSocketStream";

for (const runtime of ["node", "deno", "bun"] as RuntimeName[]) {
  test(
    `a page talks to servers on ${runtime} with every type, wss, PLAIN and CURVE`,
    options,
    async (t) => {
      const servers = t.use(new Program(runtime, SERVERS, {}));
      const at = JSON.parse(await servers.ready);
      const page = await openSite(t, await serveSite(t));
      assertEquals(await page.call("types", at), RESULTS);
      assertEquals(await page.call("secured", at), SECURED);
    },
  );
}

test(
  "the same in a worker, and with WebSocket instead of WebSocketStream",
  options,
  async (t) => {
    const servers = t.use(new Program("node", SERVERS, {}));
    const at = JSON.parse(await servers.ready);
    const origin = await serveSite(t);
    const page = await openSite(t, origin);
    assertEquals(await page.call("inWorker", "types", at), RESULTS);
    const others = t.use(new Program("node", SERVERS, {}));
    const old = await openSite(t, origin, WITHOUT_STREAM);
    const there = JSON.parse(await others.ready);
    assertEquals(await old.call("types", there), RESULTS);
    assertEquals(await old.call("secured", there), SECURED);
  },
);

test(
  "a page talks inproc; what a browser cannot do has a clear error",
  options,
  async (t) => {
    const page = await openSite(t, await serveSite(t));
    const { received, errors } = await page.call<
      { received: unknown; errors: Record<string, string> }
    >("alone");
    assertEquals(received, { over: "inproc" });
    assertMatch(
      errors["bind ws"]!,
      /^EPROTONOSUPPORT Cannot bind .* a browser/,
    );
    assertMatch(errors["bind tcp"]!, /^EPROTONOSUPPORT .*ws, wss or inproc$/);
    assertMatch(errors["ipc"]!, /^EPROTONOSUPPORT .*ws, wss or inproc$/);
    assertMatch(errors["malformed"]!, /^EINVAL Malformed address/);
    assertMatch(errors["server"]!, /^ENOTSUP .*authenticates no peers/);
    assertMatch(errors["keys"]!, /^EINVAL .*await curveBackend\(\) first/);
  },
);
