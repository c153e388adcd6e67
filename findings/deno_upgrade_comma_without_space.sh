#!/usr/bin/env bash
# With:  Deno 2.9.6.
# Guess: the offer of subprotocols is a list in HTTP's own form, where a comma
#        with or without a space separates.
# Seen:  Deno.upgradeWebSocket splits it at comma and space only. "a, b" is two
#        names; "a,b" is one, so neither is found in it: it throws a TypeError.
# So:    RFC 45's own example of a request ("ZWS2.0,ZWS2.0/NULL") and libzmq's
#        client, which leaves the space out too, cannot be upgraded by
#        Deno.upgradeWebSocket with the subprotocol that they need.
source "$(dirname "$0")/lib.sh"
from_npm deno@2.9.6
cat >ask.ts <<'END'
const server = Deno.serve(
  { port: 0, hostname: "127.0.0.1", onListen() {} },
  (request) => {
    try {
      return Deno.upgradeWebSocket(request, { protocol: "ZWS2.0" }).response;
    } catch (error) {
      return new Response(null, { status: 400, statusText: String(error) });
    }
  },
);
const { port } = server.addr as Deno.NetAddr;
for (const offer of ["ZWS2.0", "other, ZWS2.0", "other,ZWS2.0"]) {
  const peer = await Deno.connect({ port, hostname: "127.0.0.1" });
  await peer.write(new TextEncoder().encode(
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n" +
      "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" +
      `Sec-WebSocket-Protocol: ${offer}\r\n\r\n`,
  ));
  const bytes = new Uint8Array(4096);
  const size = await peer.read(bytes) ?? 0;
  peer.close();
  console.log(`"${offer}"`, new TextDecoder().decode(bytes.subarray(9, size)).slice(0, 3));
}
Deno.exit();
END
deno=node_modules/.bin/deno
"$deno" --version >/dev/null 2>&1 || cannot_try "deno's binary"
same '"ZWS2.0" 101
"other, ZWS2.0" 101
"other,ZWS2.0" 400' "$("$deno" run --allow-net --no-check ask.ts)"
