/**
 * Layer: pipeline/model. The `traceparent` of W3C Trace Context.
 *
 * @module
 */

/** Version 00 of `version-traceid-parentid-flags`, or a later one, which may say more behind that. */
const TRACEPARENT =
  /^(?:00(?=-.{52}$)|(?!00|ff)[0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;

/** The longest that is taken, in characters. */
const MAX_LENGTH = 512;

/** What a `traceparent` says. */
export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
}

/** Reads a `traceparent`; `undefined` for what is none. */
export function readTraceparent(text: string): TraceParent | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text) ?? [];
  if (traceId === undefined || isZero(traceId) || isZero(spanId!)) {
    return undefined;
  }
  return { traceId, spanId: spanId!, flags: parseInt(flags!, 16) };
}

/** The standard has no meaning for ids of zeros alone. */
function isZero(id: string): boolean {
  return /^0+$/.test(id);
}
