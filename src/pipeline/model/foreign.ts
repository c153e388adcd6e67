/**
 * Layer: pipeline/model. Values and functions from outside, which may throw in
 * unexpected places: getters, proxies, `toJSON`.
 *
 * @module
 */
import { serializedException } from "../../util/serialized_exception.ts";

/** A member of whatever was thrown; `undefined` where it cannot be read. */
export function memberOf(value: unknown, name: string): unknown {
  try {
    return Reflect.get(Object(value), name);
  } catch {
    return undefined;
  }
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return serializedException(thrown).message;
}
