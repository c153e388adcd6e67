/**
 * Layer: sockets. The options of a socket: by name, by number, and through the
 * methods that zeromq.js has for subclasses.
 *
 * @module
 */
import { type Context, context as defaultContext } from "../engine/context.ts";
import type { SocketEndpoints } from "../engine/endpoints.ts";
import { ArgumentError, ZmqError } from "../errors.ts";
import { newOptions, readOption, writeOption } from "../options/check.ts";
import { isLate, warnOfLate } from "../options/late.ts";
import type { Protection } from "../options/protection.ts";
import { refuseUnknownProperties } from "../options/unknown_properties.ts";
import type { OptionValues, StoredOptions } from "../options/values.ts";
import { SOCKET_TYPE_NAMES, type SocketType } from "../types.ts";

/** The internal values of a socket's options. */
export let valuesOf: (one: Configurable) => OptionValues;

/** The socket classes of this library, in contrast to those of users. */
export const OWN_CLASSES: WeakSet<object> = new WeakSet();

/** An object with socket options, and a context that has defaults for them. */
export abstract class Configurable {
  /** The number of the socket type. */
  readonly type: SocketType;
  /** The context it belongs to. */
  readonly context: Context;
  readonly #options: StoredOptions;
  readonly #isReady: boolean = false;

  /** @internal */
  protected constructor(
    type: SocketType,
    options: { readonly context?: Context } | undefined,
    pattern: unknown,
  ) {
    if (typeof type !== "number") {
      throw new ArgumentError("The type of a socket must be a number");
    }
    if (SOCKET_TYPE_NAMES[type] === undefined) {
      throw new ZmqError("EINVAL", `Unknown socket type ${type}`);
    }
    if (options === null || !["object", "undefined"].includes(typeof options)) {
      throw new ArgumentError("The options of a socket must be an object");
    }
    const { context = defaultContext, ...others } = options ?? {};
    if (typeof context?.add !== "function") {
      throw new ArgumentError("The context of a socket must be a Context");
    }
    if (typeof pattern !== "function") {
      const name = SOCKET_TYPE_NAMES[type];
      throw new ArgumentError(
        `There is a class for ${name} sockets: extend that class, not Socket`,
      );
    }
    this.type = type;
    this.context = context;
    this.#options = newOptions(type, context);
    for (const [name, value] of Object.entries(others)) {
      if (value !== undefined) this.setOption(name, value);
    }
    this.#isReady = true;
  }

  /** @internal Its addresses. */
  protected abstract get addresses(): SocketEndpoints;

  /** The endpoint that was bound or connected last, with its real port; null at first. */
  get lastEndpoint(): string | null {
    return this.addresses.last;
  }

  /**
   * How many peers were rejected, or disconnected during their handshake,
   * because of the options `maxConnections`, `maxConnectionsPerAddress` and
   * `maxHandshakes`. Each of them is an event `accept:error` as well.
   */
  get refusedConnections(): number {
    return this.addresses.connectionLimits.refused;
  }

  /** Whether the socket is bound or connected to anything, or being bound. */
  abstract get hasEndpoints(): boolean;

  /** @internal How each bound or connected address is protected, except `inproc`. */
  get protections(): readonly Protection[] {
    return this.addresses.protections;
  }

  /**
   * Sets an option by its name, or by its number in libzmq. If it is too late
   * for existing addresses to use the value, a warning is logged.
   *
   * @throws {ZmqError} `EINVAL` if the option is unknown, the socket type does
   *   not have it, the value is invalid, or a security option is set too late
   *   for existing addresses; `ENOTSUP` if libzmq has the option, but this
   *   library cannot support it.
   */
  setOption(option: string | number, value: unknown): void {
    const existing = this.#isReady ? this.protections : [];
    const name = writeOption(option, this.type, this.#options, value, existing);
    if (this.#isReady && isLate(name) && this.hasEndpoints) warnOfLate(name);
  }

  /**
   * The value of an option; see {@link Configurable.setOption}.
   *
   * @throws {ZmqError} `EINVAL` if the option is unknown, `ENOTSUP` if it is
   *   not supported.
   */
  getOption(option: string | number): unknown {
    return readOption(option, this, this.#options);
  }

  static {
    valuesOf = (one) => one.#options;
    // For console.log, on Deno, and on Node and Bun: without options, which the
    // runtimes would read with `getters`, and some of which are secret.
    for (const name of ["Deno.customInspect", "nodejs.util.inspect.custom"]) {
      Object.defineProperty(this.prototype, Symbol.for(name), {
        value(this: Configurable, ...given: readonly unknown[]): string {
          return shownBy(this, given);
        },
      });
    }
  }

  /** `getOption` by number, of a boolean option; for subclasses. */
  protected getBoolOption(option: number): boolean {
    return Boolean(this.getOption(option));
  }

  /** `setOption` by number, of a boolean option; for subclasses. */
  protected setBoolOption(option: number, value: boolean): void {
    if (typeof value !== "boolean") {
      throw new ArgumentError(`The option ${option} must be a boolean`);
    }
    this.setOption(option, value);
  }

  /** `getOption` by number, of an integer option; for subclasses. */
  protected getInt32Option(option: number): number {
    return Number(this.getOption(option));
  }

  /** `setOption` by number, of an integer option; for subclasses. */
  protected setInt32Option(option: number, value: number): void {
    this.#setNumber(option, value);
  }

  /** `getOption` by number, of an integer option; for subclasses. */
  protected getUint32Option(option: number): number {
    return Number(this.getOption(option));
  }

  /** `setOption` by number, of an integer option; for subclasses. */
  protected setUint32Option(option: number, value: number): void {
    this.#setNumber(option, value);
  }

  /** `getOption` by number, of an integer option; for subclasses. */
  protected getInt64Option(option: number): number {
    return Number(this.getOption(option));
  }

  /** `setOption` by number, of an integer option; for subclasses. */
  protected setInt64Option(option: number, value: number): void {
    this.#setNumber(option, value);
  }

  /** `getOption` by number, of an integer option; for subclasses. */
  protected getUint64Option(option: number): number {
    return Number(this.getOption(option));
  }

  /** `setOption` by number, of an integer option; for subclasses. */
  protected setUint64Option(option: number, value: number): void {
    this.#setNumber(option, value);
  }

  /** `getOption` by number, of a text option; for subclasses. */
  protected getStringOption(option: number): string | null {
    const value = this.getOption(option);
    return value === null ? null : String(value);
  }

  /** `setOption` by number, of a text or bytes option; for subclasses. */
  protected setStringOption(
    option: number,
    value: string | Uint8Array | null,
  ): void {
    this.setOption(option, value);
  }

  #setNumber(option: number, value: number): void {
    if (typeof value !== "number") {
      throw new ArgumentError(`The option ${option} must be a number`);
    }
    this.setOption(option, value);
  }
}

/** The class of a socket, and its fields except the options. */
function shownBy(one: Configurable, given: readonly unknown[]): string {
  const { context: _, ...fields } = one;
  const inspect = given.find((one): one is (...all: unknown[]) => string =>
    typeof one === "function"
  );
  const options = given.find((one) => typeof one === "object");
  const shown = { ...fields, lastEndpoint: one.lastEndpoint };
  return `${one.constructor.name} ${inspect?.(shown, options) ?? "{}"}`;
}

refuseUnknownProperties(
  Configurable.prototype,
  "a socket",
  (constructor) => OWN_CLASSES.has(constructor as object),
);
