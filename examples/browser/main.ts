/**
 * Example `browser`. A page that shows live values, and sends commands:
 *
 *     node --import tsx examples/browser/main.ts [port]
 *     deno run -A examples/browser/main.ts [port]
 *     bun examples/browser/main.ts [port]
 *
 * @module
 */
import process from "node:process";
import { Sensor } from "./sensor.ts";
import { serveSite } from "./web_site.ts";

const sensor = new Sensor();
const addresses = await sensor.open();
const { url } = await serveSite(addresses, Number(process.argv[2] ?? 8080));
console.log(`Open ${url}`);
