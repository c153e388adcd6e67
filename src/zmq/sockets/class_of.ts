/**
 * Layer: sockets. The class of a socket type, by the name in its row.
 *
 * @module
 */
import * as classes from "./classes.ts";
import { OWN_CLASSES } from "./configurable.ts";

for (const one of Object.values(classes)) OWN_CLASSES.add(one);

/** The class of this name. */
export function classOf(name: string): unknown {
  return classes[name as keyof typeof classes];
}
