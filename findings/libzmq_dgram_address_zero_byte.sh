#!/usr/bin/env bash
# With:  libzmq 4.3.5 with its drafts, as zeromq 6.8.0 of npm brings it.
# Guess: the first frame of a message from a DGRAM is the sender's address as
#        text, "127.0.0.1:5555", as it is sent and as every other text of libzmq
#        is: without a terminator, since frames have a size.
# Seen:  it ends with a zero byte, which belongs to the frame. Sending works with
#        and without it.
# So:    to use the address for anything but a reply (a log, the key of a map,
#        another library), remove the last byte.
source "$(dirname "$0")/lib.sh"
from_npm zeromq@6.8.0
cat >ask.mjs <<'END'
import { createSocket } from "node:dgram";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const zmq = require("zeromq");
const { Datagram } = require("zeromq/draft");

const plain = createSocket("udp4");
await new Promise((resolve) => plain.bind(0, "127.0.0.1", resolve));
const { port } = plain.address();
const free = createSocket("udp4");
await new Promise((resolve) => free.bind(0, "127.0.0.1", resolve));
const own = free.address().port;
await new Promise((resolve) => free.close(resolve));

const dgram = new Datagram({ receiveTimeout: 5000 });
await dgram.bind(`udp://127.0.0.1:${own}`);
plain.send("hello", own, "127.0.0.1");
const [address, body] = await dgram.receive();
console.log(
  zmq.version,
  JSON.stringify(`${address}`).replace(`${port}`, "PORT"),
  `${body}`,
);
for (const to of [`127.0.0.1:${port}`, `127.0.0.1:${port}\0`]) {
  const arrived = new Promise((resolve) => plain.once("message", resolve));
  await dgram.send([to, "back"]);
  console.log(to.endsWith("\0") ? "with it:" : "without it:", `${await arrived}`);
}
process.exit(0);
END
same '4.3.5 "127.0.0.1:PORT\u0000" hello
without it: back
with it: back' "$(node --no-warnings ask.mjs)"
