/**
 * Test support. A program written for zeromq.js 5, on npm:zeromq's own
 * `v5-compat`, in Node: `bind` or `connect`, with an endpoint. It says its
 * endpoint; a REP that answers, a PULL, and what it gets as JSON lines.
 */
const zmq = require("zeromq/v5-compat");

const [how, type, endpoint] = process.argv.slice(2);
const socket = zmq.socket(type);
const say = (value) => console.log(JSON.stringify(value));

socket.on("message", (...frames) => {
  say({ got: frames.map(String) });
  if (type === "rep") socket.send(["echo", ...frames]);
  if (type === "router") socket.send([...frames, "routed"]);
});
if (type === "sub") socket.subscribe("news");
if (how === "connect") {
  socket.connect(endpoint);
  say({ endpoint });
} else {
  socket.bind("tcp://127.0.0.1:*", (error) => {
    if (error) throw error;
    say({ endpoint: socket.last_endpoint });
  });
}
process.stdin.on("data", (line) => {
  for (const message of String(line).trim().split("\n")) {
    socket.send(JSON.parse(message));
  }
});
process.stdin.on("end", () => process.exit());
