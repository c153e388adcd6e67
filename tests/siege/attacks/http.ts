/**
 * Test support. Attacks on the dashboard of a pipeline.
 *
 * @module
 */
import { Raider } from "../raider.ts";
import type { Attack, Places } from "./attack.ts";

/** The attacks. */
export const HTTP_ATTACKS: readonly Attack[] = [
  attack("TRACE", "TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
  attack("an odd host", "GET / HTTP/1.1\r\nHost: a@127.0.0.1\r\n\r\n"),
  attack(
    "a host with a path",
    "GET /api/overview HTTP/1.1\r\nHost: localhost/healthz?\r\n\r\n",
  ),
  attack("half a header", "GET / HTTP/1.1\r\nHost: local", 1500),
  attack(
    "an unwanted body",
    `POST /api/pause HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n${
      "x".repeat(2 ** 20)
    }`,
  ),
  attack("no HTTP at all", "\xff\x00\x00\x00\r\n\r\n"),
];

/** Sends the same over several connections, none of which has the token. */
function attack(name: string, text: string, lingerMs = 300): Attack {
  return {
    name: `HTTP: ${name}`,
    once: async ({ url }: Places) => {
      const raiders = await Promise.all(
        Array.from({ length: 10 }, () => Raider.connect(url)),
      );
      await Promise.all(raiders.map((raider) => raider.put(text)));
      await raiders[0]!.linger(lingerMs);
      for (const raider of raiders) raider[Symbol.dispose]();
      return raiders.some(({ isCut }) => isCut) ? "cut" : "passed";
    },
  };
}
