export * as zmq from "./src/zmq/mod.ts";
