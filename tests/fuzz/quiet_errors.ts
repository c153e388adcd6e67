/**
 * Test support. Errors without a stack, which cost a fraction: half of all
 * inputs end in one.
 *
 * @module
 */

interface ErrorClass {
  stackTraceLimit?: number | undefined;
}

/** Takes no stacks from now on; returns what ends that. */
export function withoutStacks(): () => void {
  const errors = Error as unknown as ErrorClass;
  const { stackTraceLimit } = errors;
  errors.stackTraceLimit = 0;
  return () => {
    errors.stackTraceLimit = stackTraceLimit;
  };
}
