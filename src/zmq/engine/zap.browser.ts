/**
 * Layer: engine. ZAP in a browser: it has no peers that connect to it,
 * so none is authenticated.
 *
 * @module
 */

/** The client of ZAP of one context. */
export class ZapClient {
  /** Whether the context has a ZAP handler. */
  readonly hasHandler = false;
}
