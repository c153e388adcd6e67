/**
 * Layer: cli. The socket types of `send` and `recv`, by the names that a user
 * types: those whose messages consist of frames alone, and that need no message
 * from a peer first.
 *
 * @module
 */
import { ALL_TRAITS, type SocketTraits } from "../zmq/socket_traits.ts";

/** Socket types by name, such as `push`. */
export type TypesByName = ReadonlyMap<string, SocketTraits>;

/** The types that can send at once, to any connected peer. */
export function sendingTypes(): TypesByName {
  return byName((traits) =>
    traits.sends && traits.address === "nothing" &&
    traits.turns !== "receive first" && !isXVariant(traits)
  );
}

/** The types that receive messages without having sent one. */
export function receivingTypes(): TypesByName {
  return byName((traits) =>
    traits.receives && !traits.isRaw && !traits.mustSendFirst &&
    (traits.address === "nothing" || traits.frames === "many") &&
    !isXVariant(traits)
  );
}

/** The names of the types that match. */
export function namesOf(
  types: TypesByName,
  isMeant: (traits: SocketTraits) => boolean,
): string[] {
  return [...types].filter(([, traits]) => isMeant(traits))
    .map(([name]) => name);
}

/** An XPUB or XSUB also passes subscriptions on: these are for proxies. */
function isXVariant(traits: SocketTraits): boolean {
  const isOneWay = traits.publishes !== null || traits.subscribes !== null;
  return isOneWay && traits.sends && traits.receives;
}

function byName(isMeant: (traits: SocketTraits) => boolean): TypesByName {
  return new Map(
    ALL_TRAITS.filter(isMeant).map((traits) => [
      traits.name.toLowerCase(),
      traits,
    ]),
  );
}
