#!/usr/bin/env bash
# With:  zeromq 6.8.0 (npm) with its own libzmq.
# Guess: once `await socket.send(buffer)` has resolved, the message is libzmq's, and
#        the buffer may be used for the next one.
# Seen:  so up to 128 bytes. A longer buffer is not copied: what is written to it
#        after send() has resolved is what arrives, as long as the message waits.
# So:    a buffer that is used again (a frame of a camera, a pool) corrupts what
#        still waits for a slow or absent peer. Send a copy.
source "$(dirname "$0")/lib.sh"
command -v node >/dev/null || cannot_try "node"
from_npm zeromq@6.8.0
cat >ask.mjs <<'END'
import * as zmq from "zeromq";

for (const size of [128, 129, 4096]) {
  const address = `ipc://${process.cwd()}/${size}`;
  const push = new zmq.Push();
  push.connect(address); // the message waits for the other side
  const buffer = Buffer.alloc(size, "old");
  await push.send(buffer);
  buffer.fill("new");
  const pull = new zmq.Pull();
  await pull.bind(address);
  const [frame] = await pull.receive();
  console.log(size, String(frame).slice(0, 3));
  push.close();
  pull.close();
}
END
same "128 old
129 new
4096 new" "$(node ask.mjs)"
