/**
 * Example: clone. Two servers and three clients, one of which follows only a
 * subtree. Both servers are killed, one after the other, while clients write. No
 * update is lost, and all clients have the same values.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Child } from "../support/child.ts";
import { play } from "../support/scene.ts";
import { CloneClient } from "./client.ts";
import type { ServerAddresses } from "./protocol.ts";

const SERVER = new URL("./server_process.ts", import.meta.url);
const HEARTBEAT_MS = 300;
/** The number of updates that each of two clients writes per round. */
const COUNT = 100;

await play(async () => {
  await using primary = new Child(SERVER, ["primary", `${HEARTBEAT_MS}`]);
  await using backup = new Child(SERVER, ["backup", `${HEARTBEAT_MS}`]);
  const servers = await Promise.all([addresses(primary), addresses(backup)]);
  primary.writeLine(JSON.stringify(servers[1]));
  backup.writeLine(JSON.stringify(servers[0]));
  await Promise.all([primary.line(/^active/), backup.line(/^in sync/)]);

  const options = { heartbeatMs: HEARTBEAT_MS };
  await using red = new CloneClient(servers, options);
  await using blue = new CloneClient(servers, options);
  await using part = new CloneClient(servers, {
    ...options,
    subtree: "/blue/",
  });
  /** Both write; `onHalf` is called in the middle. */
  const round = async (name: string, onHalf: () => unknown) => {
    const write = async (client: CloneClient, color: string) => {
      for (let i = 0; i < COUNT; i++) {
        await client.set(`/${color}/${name}/${i}`, `${i}`);
        if (i === COUNT / 2 && color === "red") onHalf();
      }
    };
    await Promise.all([write(red, "red"), write(blue, "blue")]);
  };
  const settled = async (rounds: number) => {
    const total = 2 * COUNT * rounds;
    await red.until(() => red.size === total);
    await blue.until(() => blue.size === total);
    await part.until(() => part.size === total / 2);
    for (const key of red.keys()) {
      assert.equal(red.get(key), key.split("/").at(-1));
      assert.equal(blue.get(key), red.get(key));
      const isPart = key.startsWith("/blue/");
      assert.equal(part.get(key), isPart ? red.get(key) : undefined);
    }
    console.log(
      `  ${total} updates; each client has everything that it follows`,
    );
  };

  console.log("the primary serves");
  await round("first", () => {});
  await settled(1);

  await blue.set("/blue/short-lived", "here", 0.2);
  await part.until(() => part.get("/blue/short-lived") === "here");
  await part.until(() => part.get("/blue/short-lived") === undefined);
  await red.until(() => red.get("/blue/short-lived") === undefined);
  console.log("  a value was set, and expired");

  console.log("the primary is killed");
  let killed: Promise<void> | undefined;
  await round("second", () => killed = primary.kill());
  await killed;
  await backup.line(/^active/);
  await settled(2);

  console.log("the primary is restarted, and the backup is killed");
  const old = JSON.stringify(servers[0]);
  await using again = new Child(SERVER, ["primary", `${HEARTBEAT_MS}`, old]);
  await addresses(again);
  again.writeLine(JSON.stringify(servers[1]));
  await again.line(/^in sync/);
  await round("third", () => killed = backup.kill());
  await killed;
  await again.line(/^active/);
  await settled(3);

  await using late = new CloneClient(servers, options);
  await late.until(() => late.size === red.size);
  return `${red.size} updates, 2 servers killed, none lost; ` +
    "a client that connected later has them all";
});

async function addresses(server: Child): Promise<ServerAddresses> {
  const [, json] = await server.line(/^at (.+)/);
  return JSON.parse(json!);
}
