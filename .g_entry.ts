import { SocketManager } from "./mod.ts";
import { DEALER } from "./src/zmq/mod.ts";
globalThis.run = () => {
  const s = new SocketManager();
  return s.ensureAndConnect("a", DEALER, "ws://a");
};
