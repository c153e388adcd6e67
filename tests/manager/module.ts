/**
 * Test support. The ZeroMQ module beneath the managers of these tests: the
 * project's engine, unless `tests/native/manager.test.ts` runs them again on
 * libzmq. The tests ask of it what the contract says, and no more; what they
 * say of its types is what the engine's are.
 */
import { zmq } from "@agentzero/agentzero";
import type { TestContext } from "../support/harness.ts";

/** What the tests need of a module. */
export interface TestedModule {
  createSocket: typeof zmq.createSocket;
  /** The context that sockets share by default. */
  readonly context: zmq.Context;
  /** Makes another one, until the test ends. */
  newContext(t: TestContext): zmq.Context;
}

let current: TestedModule = {
  createSocket: zmq.createSocket,
  context: zmq.context,
  newContext: (t) => t.use(new zmq.Context()),
};

/** The module that is tested. */
export function testedModule(): TestedModule {
  return current;
}

/** Tests another module from now on. */
export function testInstead(module: TestedModule): void {
  current = module;
}

/** A socket that no manager knows, until the test ends. */
export function foreignSocket<T extends zmq.SocketType>(
  t: TestContext,
  type: T,
): zmq.SocketOfType[T] {
  return t.use(current.createSocket(type));
}
