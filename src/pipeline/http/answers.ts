/**
 * Layer: pipeline/http. Responses, with headers that restrict what a browser
 * may do with them.
 *
 * @module
 */

/** The content security policy: a browser may load and run files of this page only. */
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

/** A response with the common headers and these. */
export function answer(
  status: number,
  body: string | ReadableStream<Uint8Array<ArrayBuffer>> | null,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body, { status, headers: { ...SAFE, ...headers } });
}

/** A JSON response. */
export function json(value: unknown, status = 200): Response {
  return answer(status, JSON.stringify(value), {
    "content-type": "application/json",
  });
}

/** An error response, with a stable code and a text for people. */
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

/** A redirect to another page of the dashboard. */
export function redirect(
  location: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return answer(303, null, { location, ...headers });
}
