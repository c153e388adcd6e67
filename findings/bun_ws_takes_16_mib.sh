#!/usr/bin/env bash
# With:  Bun 1.4.5, Deno 2.9.6.
# Guess: a WebSocket message of 17 MiB is taken, by default, by Deno.serve and by
#        Bun.serve, and close() without a code is 1005 ("no status") for the other side.
# Seen:  Bun.serve refuses what is above 16 MiB: the client gets 1009, but the
#        server's own close handler 1006, as if the network had gone. And its close()
#        says 1000. Deno takes the message, and says 1005.
# So:    set maxPayloadLength of Bun.serve, where large messages are to arrive; and
#        do not tell a wanted end from another one by its code.
source "$(dirname "$0")/lib.sh"
from_npm deno@2.9.6 bun@1.4.5
cat >ask.mjs <<'END'
const sizeOf = (data) => data.byteLength ?? data.size ?? data.length;
const codes = [];
const serve = {
  Deno() {
    const { port } = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onmessage = ({ data }) => socket.send(`${sizeOf(data)}`);
      socket.onopen = () => request.url.endsWith("close") && socket.close();
      socket.onclose = ({ code }) => codes.push(code);
      return response;
    }).addr;
    return port;
  },
  Bun() {
    return Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request, server) =>
        server.upgrade(request, { data: request.url.endsWith("close") })
          ? undefined
          : new Response("no"),
      websocket: {
        open: (socket) => socket.data && socket.close(),
        message: (socket, data) => socket.send(`${sizeOf(data)}`),
        close: (_socket, code) => codes.push(code),
      },
    }).port;
  },
};
const name = "Bun" in globalThis ? "Bun" : "Deno";
const port = serve[name]();
const ask = (path) =>
  new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/${path}`);
    socket.onopen = () => path === "send" && socket.send(new Uint8Array(17 << 20));
    socket.onmessage = ({ data }) => resolve(`an answer: ${data}`);
    socket.onerror = () => {};
    socket.onclose = ({ code }) => resolve(code);
  });
console.log(name, "close():", await ask("close"), "17 MiB:", await ask("send"));
await new Promise((resolve) => setTimeout(resolve, 500));
if (name === "Bun") console.log("its own handler:", codes.at(-1));
(globalThis.Deno?.exit ?? process.exit)();
END
deno=node_modules/.bin/deno bun=node_modules/.bin/bun
"$deno" --version >/dev/null 2>&1 || cannot_try "deno's binary"
"$bun" --version >/dev/null 2>&1 || cannot_try "bun's binary"
same "Bun close(): 1000 17 MiB: 1009
its own handler: 1006
Deno close(): 1005 17 MiB: an answer: 17825792" "$("$bun" ask.mjs)
$("$deno" run -A ask.mjs)"
