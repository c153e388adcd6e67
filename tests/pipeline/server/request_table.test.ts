/** Unit: the table of requests, which the pages for users must list too. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { readFileSync } from "node:fs";
import { REQUESTS } from "../../../src/pipeline/server/request_table.ts";
import { test } from "../../support/harness.ts";

const page = (name: string) => readFileSync(`docs/pipeline/${name}.md`, "utf8");

test("each request stands once in the table, and in docs/pipeline/wire.md", () => {
  const types = REQUESTS.map(({ type }) => type);
  assertEquals(new Set(types).size, types.length);
  const section = page("wire").split("\n## Requests\n")[1]!.split("\n### ")[0]!;
  const rows = section.split("\n").filter((line) =>
    line.startsWith("| `") && !line.startsWith("| `type` ")
  );
  const documented = rows.flatMap((line) =>
    [...line.split("|")[1]!.matchAll(/`([a-z_]+)`/g)].map(([, type]) => type!)
  );
  assertEquals([...documented].sort(), [...types].sort());
});

test("each path over HTTP stands once in the table, and in docs/pipeline/dashboard.md", () => {
  const paths = REQUESTS.flatMap(({ http = [] }) =>
    http.map(({ method, path }) => `${method} /api/${path}`)
  );
  assertEquals(new Set(paths).size, paths.length);
  const routes = page("dashboard").split("\n## Routes\n")[1]!;
  for (const path of paths) {
    if (path === "POST /api/resume") {
      assertMatch(routes, /`POST \/api\/pause`, `…\/resume`/);
      continue;
    }
    const documented = path.replace(/:\w+/, "<id>");
    assert(routes.includes(`\`${documented}\``), documented);
  }
});

test("each request needs the role that it is for", () => {
  const rolesOf = (type: string) =>
    REQUESTS.find((row) => row.type === type)!.roles;
  assertEquals(rolesOf("describe"), ["client", "worker", "operator"]);
  assertEquals(rolesOf("check_worker"), ["worker"]);
  assertEquals(rolesOf("submit"), ["client"]);
  for (
    const type of [
      ...["status", "result", "timeline", "list", "stats", "schedules"],
      "logs",
    ]
  ) assertEquals(rolesOf(type), ["client", "operator"]);
});

test("requests that change what others submitted need an operator", () => {
  const isChange = ({ roles }: { readonly roles: readonly string[] }) =>
    roles.join() === "operator";
  const changes = REQUESTS.filter(isChange);
  assertEquals(changes.map(({ type }) => type).sort(), [
    "cancel",
    "drain",
    "pause",
    "pause_schedule",
    "promote",
    "remove",
    "resume",
    "resume_schedule",
    "retry",
    "retry_all",
    "schedule",
    "set_priority",
    "unschedule",
  ]);
  const posted = REQUESTS.filter(({ type, http = [] }) =>
    !type.startsWith("submit") && http.some(({ method }) => method === "POST")
  );
  assert(posted.every(isChange));
  const read = REQUESTS.filter(({ roles }) => roles.length === 2);
  const methods = read.flatMap(({ http = [] }) => http).map((one) =>
    one.method
  );
  assert(methods.every((method) => method === "GET"));
});
