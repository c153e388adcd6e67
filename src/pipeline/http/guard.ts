/**
 * Layer: pipeline/http. Who may come in. A request is let in if
 *
 * - it names a host that is ours (DNS rebinding makes a browser name another),
 * - it has the token, as `Authorization: Bearer`, or the cookie that the page's
 *   address with the token sets,
 * - and, where it changes something, no other site sent it (CSRF).
 *
 * @module
 */
import { PipelineError } from "../model/errors.ts";

/** Who may come in. */
export interface GuardOptions {
  /** The secret; `false` lets everybody in. */
  readonly token: string | false;
  /** Names under which the page may be opened, beside those of loopback. */
  readonly allowedHosts: readonly string[];
  /** Where the page is, with a slash at the end. */
  readonly path: string;
}

/** How somebody showed that they may come in. */
export type Credential = "bearer" | "cookie" | "open";

/** The fewest characters of a token. */
const MIN_TOKEN = 16;
/** Loopback, as a URL writes it. */
const LOOPBACK = /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Decides who may come in. */
export class Guard {
  readonly #options: GuardOptions;
  #secrets: Promise<Secrets> | undefined;

  /** @throws {PipelineError} `ERR_PIPELINE_INVALID` for a token that is too short. */
  constructor(options: GuardOptions) {
    const { token } = options;
    if (token !== false && token.length < MIN_TOKEN) {
      throw new PipelineError(
        "ERR_PIPELINE_INVALID",
        `The token of a dashboard has at least ${MIN_TOKEN} characters, not ${token.length}`,
      );
    }
    this.#options = options;
  }

  /** Whether the request names a host that is ours. */
  isKnownHost(request: Request): boolean {
    const host = hostOf(request);
    // A user name before it, or a path behind it, is not part of a host.
    if (/[\s/?#@\\]/.test(host)) return false;
    if (!URL.canParse(`http://${host}`)) return false;
    const { hostname } = new URL(`http://${host}`);
    return LOOPBACK.test(hostname) ||
      this.#options.allowedHosts.includes(hostname) ||
      this.#options.allowedHosts.includes(host);
  }

  /** How the request shows that it may come in; `undefined` if it does not. */
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

  /** Whether what changes something may come from where it comes from. */
  isSameOrigin(request: Request, credential: Credential): boolean {
    const site = request.headers.get("sec-fetch-site");
    if (site !== null && site !== "same-origin") return false;
    const origin = request.headers.get("origin");
    // No browser leaves it out; and nobody but us knows the token.
    if (origin === null) return credential !== "cookie";
    return URL.canParse(origin) && new URL(origin).host === hostOf(request);
  }

  /**
   * The cookie for somebody who has the token. It is not the token itself, so
   * that no browser keeps that.
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

  /** Made when they are asked for first; `undefined` where everybody may come in. */
  #digested(): Promise<Secrets> | undefined {
    const { token } = this.#options;
    if (token === false) return undefined;
    return this.#secrets ??= secretsOf(token);
  }
}

/** What is compared, as digests. */
interface Secrets {
  readonly token: Uint8Array;
  /** Of the cookie; one of its own for each token, since ports share cookies. */
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

/** Compares with a digest or a text, in a time that does not tell where they differ. */
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

/** As a URL writes it: without the port, where it is that of the scheme. */
function hostOf(request: Request): string {
  return (request.headers.get("host") ?? new URL(request.url).host)
    .toLowerCase();
}
