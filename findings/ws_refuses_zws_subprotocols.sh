#!/usr/bin/env bash
# With:  ws 8.23.0 (npm), the WebSocket library of most Node programs.
# Guess: a server that does not know a subprotocol answers without one, or with
#        another that was offered; its application sees the offer and chooses.
# Seen:  RFC 45 names its subprotocols "ZWS2.0", "ZWS2.0/NULL", "ZWS2.0/PLAIN".
#        A "/" is not allowed there (RFC 6455: a token), so an offer that
#        contains one gets 400 before the application is asked, even if a name
#        that could be taken stands beside it; and as a client ws throws.
# So:    peers that offer as RFC 45 has it (libzmq does) cannot reach a server
#        made of ws unless it takes the upgrade before ws sees that header.
source "$(dirname "$0")/lib.sh"
from_npm ws@8.23.0
cat >ask.mjs <<'END'
import net from "node:net";
import { WebSocket, WebSocketServer } from "ws";

let asked = 0;
const server = new WebSocketServer({
  port: 0,
  host: "127.0.0.1",
  handleProtocols: (offer) => {
    asked++;
    return offer.values().next().value;
  },
});
await new Promise((resolve) => server.once("listening", resolve));
const { port } = server.address();
const answer = (offer) =>
  new Promise((resolve) => {
    const peer = net.connect(port, "127.0.0.1");
    peer.write(
      "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n" +
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" +
        `Sec-WebSocket-Protocol: ${offer}\r\n\r\n`,
    );
    peer.once("data", (data) => {
      peer.destroy();
      resolve(String(data).split(" ")[1]);
    });
  });
for (const offer of ["ZWS2.0", "ZWS2.0/NULL,ZWS2.0", "ZWS2.0,ZWS2.0/NULL"]) {
  console.log(offer, await answer(offer), "asked", asked);
}
try {
  new WebSocket(`ws://127.0.0.1:${port}`, ["ZWS2.0/NULL"]);
} catch (error) {
  console.log("as a client:", error.name);
}
process.exit();
END
same "ZWS2.0 101 asked 1
ZWS2.0/NULL,ZWS2.0 400 asked 1
ZWS2.0,ZWS2.0/NULL 400 asked 1
as a client: SyntaxError" "$(node ask.mjs)"
