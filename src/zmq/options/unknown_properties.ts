/**
 * Layer: options. Assigning a property that does not exist is an error, as in
 * zeromq.js, whose objects are sealed: a typo such as
 * `socket.recieveTimeout = 3` would otherwise have no effect.
 *
 * The objects are not sealed, as a subclass may have fields of its own, and a
 * test may replace a method. An assignment is rejected if it finds no such
 * property up to the end of the prototype chain. Other assignments never get
 * there, so they take no longer than before.
 *
 * @module
 */
import { ArgumentError } from "../errors.ts";
import { nearestName } from "../nearest_name.ts";

/**
 * Rejects unknown properties of the objects of a class and of its subclasses in
 * this library. Objects of a user's own subclass may have any property.
 *
 * @param prototype The prototype of the class; its own prototype must be
 *   `Object.prototype`, or that of a class without properties to assign.
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
