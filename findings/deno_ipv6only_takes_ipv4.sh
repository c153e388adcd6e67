#!/usr/bin/env bash
# With:  Deno 2.9.6, Bun 1.4.5, Node (that of the path).
# Guess: server.listen({ host: "::", ipv6Only: true }) of node:net takes connections
#        by IPv6 alone, on all three.
# Seen:  so on Node and Bun. Deno takes 127.0.0.1 as well.
# So:    on Deno a second server cannot have the same port for IPv4, and who wants
#        IPv6 alone has to bind one address of the machine instead of "::".
source "$(dirname "$0")/lib.sh"
command -v node >/dev/null || cannot_try "node"
from_npm deno@2.9.6 bun@1.4.5
cat >ask.mjs <<'END'
import { once } from "node:events";
import net from "node:net";

const server = net.createServer((socket) => socket.end());
server.listen({ port: 0, host: "::", ipv6Only: true });
await once(server, "listening");
for (const host of ["::1", "127.0.0.1"]) {
  const socket = net.connect(server.address().port, host);
  const what = await new Promise((resolve) => {
    socket.once("connect", () => resolve("connected"));
    socket.once("error", ({ code }) => resolve(code));
  });
  console.log(host, what);
  socket.destroy();
}
server.close();
END
[ -e /proc/net/if_inet6 ] || cannot_try "IPv6"
same "node
::1 connected
127.0.0.1 ECONNREFUSED
bun
::1 connected
127.0.0.1 ECONNREFUSED
deno
::1 connected
127.0.0.1 connected" "$(echo node; node ask.mjs; echo bun; node_modules/.bin/bun ask.mjs
  echo deno; node_modules/.bin/deno run -A ask.mjs 2>&1)"
