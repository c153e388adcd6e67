/**
 * Layer: engine. ZAP in a browser: nobody connects to it, so nobody is
 * authenticated.
 *
 * @module
 */

/** The client of ZAP of one context. */
export class ZapClient {
  /** Whether the context has a ZAP handler. */
  readonly hasHandler = false;
}
