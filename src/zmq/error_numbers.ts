/**
 * Layer: zmq, bottom. The numbers of error codes, as libzmq has them: those of
 * the system, and a few of its own.
 *
 * @module
 */
import process from "node:process";

/** Codes of libzmq's own, which no system has. */
const OWN_NUMBERS: Readonly<Record<string, number>> = {
  EFSM: 156384763,
  ETERM: 156384765,
};

/** The number of an error code on this system; `undefined` if it has none. */
export function errorNumber(code: string): number | undefined {
  const { constants } = process.getBuiltinModule("node:os");
  const numbers: Readonly<Record<string, number>> = constants.errno;
  return OWN_NUMBERS[code] ?? numbers[code];
}
