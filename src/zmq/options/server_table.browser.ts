/**
 * Layer: options. The options of servers, which a browser does not have.
 *
 * @module
 */

/** None. */
export const OPTIONS_OF_SERVERS = {};
