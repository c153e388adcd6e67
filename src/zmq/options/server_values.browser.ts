/**
 * Layer: options. Values of options that a browser does not have.
 *
 * @module
 */

/** Is not called. */
export function isProxyAddress(): boolean {
  return false;
}

/** Is not called. */
export function convertOrigins(): undefined {}
