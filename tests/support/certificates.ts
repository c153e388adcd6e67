/**
 * Test support. Certificates for CURVE as other programs lay them out.
 *
 * @module
 */

/** As CZMQ does: quoted metadata. */
export const czmq = (keys: string): string =>
  `#   ****  Made by a test  ****
#   ZeroMQ CURVE Certificate

metadata
    name = "a = b # c"
    role = 'tester'
curve
${keys}`;

/** As pyzmq does: metadata without quotes. */
export const pyzmq = (keys: string): string =>
  `metadata\r\n    role = tester of "things"\r\n    public-key = no\r\ncurve\r\n${keys}`;

/** The line of a public key. */
export const publicLine = (key: string): string =>
  `    public-key = "${key}"\n`;

/** The line of a secret key. */
export const secretLine = (key: string): string =>
  `    secret-key = "${key}" # keep it\n`;
