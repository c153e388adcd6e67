/**
 * Layer: options. To assign a property that does not exist is an error, as in
 * zeromq.js, whose objects are sealed: `socket.recieveTimeout = 3` would
 * otherwise wait for ever without a word.
 *
 * The objects are not sealed: a subclass may have fields of its own, and a test
 * may replace a method. What is refused is the assignment that finds no such
 * property, at the end of the chain of prototypes. Others never get there, so
 * they take no longer than before.
 *
 * @module
 */
import { ArgumentError } from "../errors.ts";
import { nearestName } from "../nearest_name.ts";

/**
 * Refuses unknown properties of the objects of a class and of its subclasses,
 * as far as those are ours: an object of a user's own subclass may have any.
 *
 * @param prototype Of the class; its own prototype is `Object.prototype`, or
 *   that of a class that has no properties to assign.
 * @param what The objects, for messages.
 * @param isOurs Whether a class is one of this library.
 */
export function refuseUnknownProperties(
  prototype: object,
  what: string,
  isOurs: (constructor: unknown) => boolean,
): void {
  const end = new Proxy(Object.create(Object.getPrototypeOf(prototype)), {
    set(target, name, value, receiver) {
      const { constructor } = Object.getPrototypeOf(receiver) ?? {};
      if (typeof name === "string" && isOurs(constructor)) {
        throw new ArgumentError(textOf(what, name, receiver));
      }
      return Reflect.set(target, name, value, receiver);
    },
  });
  Object.setPrototypeOf(prototype, end);
}

function textOf(what: string, name: string, receiver: object): string {
  const nearest = nearestName(name, namesOf(receiver));
  const hint = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
  return `There is no property "${name}" of ${what} to set${hint}`;
}

/** The properties that an object has, with those of its prototypes. */
function namesOf(value: object): string[] {
  const names: string[] = [];
  for (
    let one = value;
    one !== null && one !== Object.prototype;
    one = Object.getPrototypeOf(one)
  ) {
    for (
      const [name, { set }] of Object.entries(
        Object.getOwnPropertyDescriptors(one),
      )
    ) {
      if (set !== undefined) names.push(name);
    }
  }
  return names;
}
