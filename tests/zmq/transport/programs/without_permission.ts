/**
 * Test support. A program that may not use the network: prints what `bind` and
 * `connect` say.
 *
 * @module
 */
import * as zmq from "../../../../src/zmq/mod.ts";

const ADDRESSES = [
  "tcp://127.0.0.1:5555",
  "tcp://localhost:5555",
  "ipc:///tmp/x",
];

const socket = new zmq.Dealer({ linger: 0 });
for (const use of ["bind", "connect"] as const) {
  for (const address of ADDRESSES) {
    try {
      await socket[use](address);
      console.log(use, address, "done");
    } catch (error) {
      const { code, message } = error as zmq.ZmqError;
      console.log(use, address, code, message.includes("--allow-net"));
    }
  }
}
await socket.close();
