/**
 * Layer: pipeline/http. Answers, with the headers that keep a browser from
 * doing with them what was not meant.
 *
 * @module
 */

/** What a browser may do with what is ours: run and show our own files, and nothing else. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const SAFE: Readonly<Record<string, string>> = {
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/** An answer with these headers beside those that all have. */
export function answer(
  status: number,
  body: string | ReadableStream<Uint8Array<ArrayBuffer>> | null,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body, { status, headers: { ...SAFE, ...headers } });
}

/** An answer in JSON. */
export function json(value: unknown, status = 200): Response {
  return answer(status, JSON.stringify(value), {
    "content-type": "application/json",
  });
}

/** A refusal, with a stable code and a text for a person. */
export function refusal(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return answer(status, JSON.stringify({ error: { code, message } }), {
    "content-type": "application/json",
    ...headers,
  });
}

/** The way to another page of ours. */
export function redirect(
  location: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return answer(303, null, { location, ...headers });
}
