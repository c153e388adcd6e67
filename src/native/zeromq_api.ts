/**
 * Layer: native.
 *
 * The part of npm:zeromq that is used, as types of our own: the package is
 * optional, so the published declarations must not need it. Types only.
 *
 * @module
 */

/** How zeromq.js passes an option to libzmq. */
export type OptionKind = "Bool" | "Int32" | "Int64" | "String";

/** Reads an option, by its number in libzmq. */
type Getters = Readonly<
  Record<`get${OptionKind}Option`, (option: number) => unknown>
>;

/** Sets an option, by its number in libzmq; throws a TypeError for a wrong type. */
type Setters = Readonly<
  Record<`set${OptionKind}Option`, (option: number, value: unknown) => void>
>;

/** A socket of zeromq.js 6. */
export interface ZeromqSocket extends Getters, Setters {
  /** Whether libzmq has a message. Reading it uses up a wake-up. */
  readonly readable: boolean;
  /** Whether libzmq would take a message. Reading it uses up a wake-up. */
  readonly writable: boolean;
  readonly lastEndpoint: string | null;
  readonly context: object;
  bindSync(address: string): void;
  connect(address: string): void;
  disconnect(address: string): void;
  close(): void;
  send(frames: readonly Uint8Array[]): Promise<void>;
  receive(): Promise<Uint8Array[]>;
}

/** The class of a socket type. */
export type ZeromqClass = new (
  options: { context?: object },
) => ZeromqSocket;

/** The module. */
export interface Zeromq {
  /** The version of libzmq. */
  readonly version: string;
  readonly Pair: ZeromqClass;
  readonly Publisher: ZeromqClass;
  readonly Subscriber: ZeromqClass;
  readonly Request: ZeromqClass;
  readonly Reply: ZeromqClass;
  readonly Dealer: ZeromqClass;
  readonly Router: ZeromqClass;
  readonly Pull: ZeromqClass;
  readonly Push: ZeromqClass;
  readonly XPublisher: ZeromqClass;
  readonly XSubscriber: ZeromqClass;
  readonly Stream: ZeromqClass;
}
