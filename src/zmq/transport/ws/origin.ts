/**
 * Layer: transport. Which pages of browsers may connect. A browser lets any page
 * open a WebSocket to any host, such as this machine, and reports to the server the
 * origin of the page; nothing else protects a socket from them.
 *
 * @module
 */

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Whether the origin of a page is the host of a bound address, on any port. The
 * Host header does not count: the owner of a name decides which address it has.
 *
 * @param host The host of the bound address, without brackets; `*` is none.
 */
export function isOwnOrigin(origin: string, host: string): boolean {
  let page: string;
  try {
    page = new URL(origin).hostname;
  } catch {
    return false; // such as "null"
  }
  const own = host.includes(":") ? `[${host}]` : host.toLowerCase();
  return page !== "" &&
    (page === own || (LOOPBACK.test(own) && LOOPBACK.test(page)));
}
