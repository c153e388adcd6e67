/**
 * Layer: pipeline/http. Authentication. A request is accepted if
 *
 * - its host is one of ours (with DNS rebinding a browser names another),
 * - it has the token, as `Authorization: Bearer`, or the cookie that opening the
 *   URL with the token sets,
 * - and, if it modifies anything, it is not cross-origin (CSRF).
 *
 * @module
 */
import { isLoopback } from "../../util/loopback.ts";
import { PipelineError } from "../model/pipeline_error.ts";

/** The options of authentication. */
export interface GuardOptions {
  /** The secret; `false` for no authentication. */
  readonly token: string | false;
  /** Host names under which the page may be opened, besides those of loopback. */
  readonly allowedHosts: readonly string[];
  /** The path of the page, with a slash at the end. */
  readonly path: string;
}

/** How a request was authenticated; `open` if there is no token. */
export type Credential = "bearer" | "cookie" | "open";

/** The shortest token, in characters. */
const MIN_TOKEN = 16;

/** Authenticates requests. */
export class Guard {
  readonly #options: GuardOptions;
  #secrets: Promise<Secrets> | undefined;

  /** @throws {PipelineError} `ERR_PIPELINE_INVALID` for a token that is too short. */
  constructor(options: GuardOptions) {
    const { token } = options;
    if (token !== false && token.length < MIN_TOKEN) {
      throw new PipelineError(
        "ERR_PIPELINE_INVALID",
        `The token of a dashboard must have at least ${MIN_TOKEN} characters, not ${token.length}`,
      );
    }
    this.#options = options;
  }

  /** Whether the host of the request is one of ours. */
  isKnownHost(request: Request): boolean {
    const host = hostOf(request);
    // A user name before it or a path after it is not part of a host.
    if (/[\s/?#@\\]/.test(host)) return false;
    if (!URL.canParse(`http://${host}`)) return false;
    const { hostname } = new URL(`http://${host}`);
    return isLoopback(hostname) || hostname.endsWith(".localhost") ||
      this.#options.allowedHosts.includes(hostname) ||
      this.#options.allowedHosts.includes(host);
  }

  /** Authenticates a request; `undefined` if its token or cookie is missing or wrong. */
  async authenticate(request: Request): Promise<Credential | undefined> {
    const secrets = await this.#digested();
    if (secrets === undefined) return "open";
    const bearer = /^Bearer +(\S+) *$/i.exec(
      request.headers.get("authorization") ?? "",
    )?.[1];
    if (bearer !== undefined) {
      return await isSame(bearer, secrets.token) ? "bearer" : undefined;
    }
    const cookie = cookieOf(request, secrets.name);
    if (cookie === undefined) return undefined;
    return await isSame(cookie, secrets.cookie) ? "cookie" : undefined;
  }

  /** Whether a request that modifies something is not cross-origin. */
  isSameOrigin(request: Request, credential: Credential): boolean {
    const site = request.headers.get("sec-fetch-site");
    if (site !== null && site !== "same-origin") return false;
    const origin = request.headers.get("origin");
    // Every browser sends it; and other sites do not know the token.
    if (origin === null) return credential !== "cookie";
    return URL.canParse(origin) && new URL(origin).host === hostOf(request);
  }

  /**
   * The cookie in exchange for the token. Its value is derived, so that browsers
   * do not store the token itself.
   *
   * @returns The header; `undefined` for a wrong token.
   */
  async cookieFor(
    token: string,
    isHttps: boolean,
  ): Promise<string | undefined> {
    const secrets = await this.#digested();
    if (secrets === undefined || !await isSame(token, secrets.token)) {
      return undefined;
    }
    const { name, cookie } = secrets;
    return `${name}=${cookie}; HttpOnly; SameSite=Strict; Path=${this.#options.path}${
      isHttps ? "; Secure" : ""
    }`;
  }

  /** The digests, computed at first use; `undefined` without a token. */
  #digested(): Promise<Secrets> | undefined {
    const { token } = this.#options;
    if (token === false) return undefined;
    return this.#secrets ??= secretsOf(token);
  }
}

/** What requests are compared with. */
interface Secrets {
  readonly token: Uint8Array;
  /** The name of the cookie. It depends on the token, since all ports of a host share cookies. */
  readonly name: string;
  readonly cookie: string;
}

async function secretsOf(token: string): Promise<Secrets> {
  return {
    token: await digestOf(token),
    name: `agentzero_${hex(await digestOf(`name ${token}`)).slice(0, 8)}`,
    cookie: hex(await digestOf(`cookie ${token}`)),
  };
}

/** Compares with a digest or a string, in constant time. */
async function isSame(
  given: string,
  expected: Uint8Array | string,
): Promise<boolean> {
  const a = await digestOf(given);
  const b = typeof expected === "string" ? await digestOf(expected) : expected;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

async function digestOf(text: string): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}

function cookieOf(request: Request, name: string): string | undefined {
  const pairs = (request.headers.get("cookie") ?? "").split(/; */);
  return pairs.find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

/** The host of a request, without the default port of its scheme. */
function hostOf(request: Request): string {
  return (request.headers.get("host") ?? new URL(request.url).host)
    .toLowerCase();
}
