/**
 * The examples `peers`: real software on the other side, where it is installed.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { Child } from "../../examples/guide/support/child.ts";
import { addressOf, Wire } from "../../examples/peers/jupyter/wire.ts";
import { missing, PEERS } from "../../examples/peers/support/missing.ts";
import { test } from "../support/harness.ts";

/** The last line of each scene. */
const LAST_LINES: Readonly<Record<string, string>> = {
  czmq: "a server with CZMQ admitted us, and ours a client with CZMQ",
  ffmpeg: "a film was read, changed and fed",
  gnuradio: "100000 numbers left GNU Radio, and went back doubled",
  jupyter:
    "cells of ours ran in ipykernel and in Deno, and cells of nbclient in a kernel of ours",
  go_zeromq: "go-zeromq answered five requests",
  jeromq: "JeroMQ answered two requests, and published them",
  locust: "every request of our worker is in Locust's report",
  mongrel2: "Mongrel2 passed two requests on, and our answers back",
  pmacct: "flows went from one nfacctd to another, which counted them",
  pushpin: "Pushpin sent a browser what we published",
  monerod: "monerod answered two requests",
  rsyslog: "100 lines went to rsyslog, and came back as JSON",
  tango: "three events of a device of Tango, and its heartbeat",
  uwsgi: "uWSGI's Emperor started a server, whose lines came, and ended it",
  zurl: "zurl fetched a page, and refused one that its policy denies",
};

/** Scenes that need nothing but what they start, and take some seconds. */
const QUICK: readonly string[] = [
  "czmq",
  "ffmpeg",
  "jeromq",
  "jupyter",
  "rsyslog",
];

for (const name of PEERS) {
  const skip = missing(name) ||
    (!QUICK.includes(name) && "npm run peers plays it");
  const options = { timeoutMs: 120_000, skip }; // on a busy machine
  test(`peers: ${name}`, options, async (t) => {
    const main = `../../examples/peers/${name}/main.ts`;
    const scene = t.use(new Child(new URL(main, import.meta.url)));
    t.cleanup(() => console.log(scene.lines.join("\n")));
    assertEquals(await scene.ended, 0);
    assertEquals(scene.lines.at(-1), LAST_LINES[name]);
  });
}

test("peers: a message of Jupyter is read as it was written", () => {
  const wire = new Wire({ key: "secret" });
  const message = {
    ids: [Buffer.from("client")],
    header: wire.header("execute_request"),
    parent: {},
    content: { code: "<IDS|MSG>" },
  };
  const frames = wire.encode(message).map((frame) => Buffer.from(frame));
  assertEquals(wire.decode(frames), message);
  assertEquals(
    new Wire({ key: "" }).decode(
      new Wire({ key: "" }).encode(message).map((frame) => Buffer.from(frame)),
    ),
    message,
  );

  const stranger = new Wire({ key: "guess" });
  assertThrows(() => stranger.decode(frames), Error, "signature");
  const changed = frames.with(-1, Buffer.from('{"code":"1"}'));
  assertThrows(() => wire.decode(changed), Error, "signature");
  assertThrows(() => wire.decode(frames.slice(0, 4)), Error, "Not a message");
  assertThrows(() => wire.decode([]), Error, "Not a message");
});

test("peers: the addresses of a kernel", () => {
  const connection = {
    ...{ transport: "tcp", ip: "127.0.0.1", key: "" } as const,
    ...{ shell_port: 1, iopub_port: 2, stdin_port: 3 },
    ...{ control_port: 4, hb_port: 5 },
  };
  assertEquals(addressOf(connection, "iopub"), "tcp://127.0.0.1:2");
  assertEquals(addressOf({ ...connection, ip: "::1" }, "hb"), "tcp://[::1]:5");
  const files = { ...connection, transport: "ipc" as const, ip: "/run/k" };
  assertEquals(addressOf(files, "shell"), "ipc:///run/k-1");
});
