#!/usr/bin/env bash
# With:  Deno 2.9.6; Node (that of the path) beside it.
# Guess: after pause() of a TLSSocket of node:tls nothing more is read once its
#        buffers are full, so TCP holds the sender back, as on Node.
# Seen:  on Deno no more "data" comes, but all is read: a sender of 64 MB is never
#        held back, and what it sent lies in the reader's memory.
# So:    on Deno a slow reader behind node:tls has no back pressure; have the
#        protocol above it limit what is on the way.
source "$(dirname "$0")/lib.sh"
command -v node >/dev/null || cannot_try "node"
command -v openssl >/dev/null || cannot_try "openssl"
from_npm deno@2.9.6
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem \
  -subj /CN=localhost -days 2 2>/dev/null
cat >ask.mjs <<'END'
import fs from "node:fs";
import process from "node:process";
import tls from "node:tls";

const [key, cert] = ["key.pem", "cert.pem"].map((file) => fs.readFileSync(file));
const chunk = Buffer.alloc(1 << 16);
let sent = 0; // chunks, of 1024
const server = tls.createServer({ key, cert }, (peer) => {
  const send = () => {
    while (sent < 1024) {
      sent++;
      if (!peer.write(chunk)) return;
    }
  };
  peer.on("error", () => {}).on("drain", send);
  send();
}).listen(0, "127.0.0.1", () => {
  const { port } = server.address();
  const reader = tls.connect({ port, host: "127.0.0.1", ca: cert, servername: "localhost" });
  reader.once("data", () => reader.pause());
});
let last = 0;
setInterval(() => { // until nothing has moved for two seconds
  if (sent > 0 && sent === last) {
    console.log(sent === 1024 ? "all was sent" : "the sender was held back");
    process.exit();
  }
  last = sent;
}, 2_000);
END
deno=node_modules/.bin/deno
"$deno" --version >/dev/null 2>&1 || cannot_try "deno's binary"
same "node: the sender was held back
deno: all was sent" "node: $(node ask.mjs)
deno: $("$deno" run -A ask.mjs)"
