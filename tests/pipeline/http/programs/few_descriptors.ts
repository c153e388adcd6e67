/**
 * Serves HTTP, and writes a line for each thing that a test waits for: its
 * address, and the codes of errors. Started with a low limit of file descriptors.
 */
import { serveHttp } from "../../../../src/pipeline/http/serve_http.ts";

console.error = ({ code }: { readonly code?: unknown }) => {
  console.log(JSON.stringify({ code }));
};
const { port } = await serveHttp(() => new Response("hello"), { port: 0 });
console.log(JSON.stringify({ endpoint: `tcp://127.0.0.1:${port}` }));
