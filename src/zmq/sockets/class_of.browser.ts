/**
 * Layer: sockets. The class of a socket type in a browser: of those that can talk
 * over WebSocket. So a page has no other unless its program names the class.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import { OWN_CLASSES } from "./configurable.ts";
import { Dealer } from "./dealer.ts";
import { Pair } from "./pair.ts";
import { Publisher } from "./pub.ts";
import { Pull } from "./pull.ts";
import { Push } from "./push.ts";
import { Reply } from "./reply.ts";
import { Request } from "./request.ts";
import { Router } from "./router.ts";
import { Subscriber } from "./sub.ts";
import { XPublisher } from "./xpub.ts";
import { XSubscriber } from "./xsub.ts";

const classes: Readonly<Record<string, unknown>> = {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  Subscriber,
  XPublisher,
  XSubscriber,
};

for (const one of Object.values(classes)) OWN_CLASSES.add(one as object);

/**
 * The class of this name.
 *
 * @throws {ZmqError} `ENOTSUP` if it cannot talk over WebSocket.
 */
export function classOf(name: string): unknown {
  const found = classes[name];
  if (found !== undefined) return found;
  throw new ZmqError(
    "ENOTSUP",
    `A browser creates this socket by its class only: new ${name}()`,
  );
}
