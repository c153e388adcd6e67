/**
 * Layer: zmtp. The cryptography of CURVE, loaded when the first socket needs
 * it; everything after that is synchronous. libsodium in WebAssembly does the
 * handshakes, and the frames too, unless the optional package `sodium-native`
 * is installed.
 *
 * @module
 */
import type Sodium from "libsodium-wrappers";
import { ZmqError } from "../../errors.ts";
import {
  type FrameBox,
  NativeBox,
  type NativeSodium,
  type RawSodium,
  WasmBox,
} from "./frame_box.ts";
import { loadNative } from "./sodium_native.ts";

/** What encrypts the frames of CURVE. */
export type CurveBackend = "sodium-native" | "libsodium-wrappers";

/** What has been loaded. */
interface Loaded {
  readonly sodium: typeof Sodium;
  readonly box: FrameBox;
  readonly backend: CurveBackend;
}

let loading: Promise<Loaded> | undefined;
let loaded: Loaded | undefined;

/** Loads libsodium; resolves at once if it is loaded already. */
export async function loadSodium(): Promise<void> {
  if (loaded === undefined) await load();
}

/**
 * What encrypts and decrypts messages with CURVE in this process:
 * `"sodium-native"` if that package is installed and loads, else
 * `"libsodium-wrappers"`. It loads what has not been loaded yet.
 *
 * On Deno, `sodium-native` is used only with `--allow-ffi` and `--allow-read`;
 * there is no prompt for them. Handshakes, and frames below 496 bytes, for
 * which a native call would be slower, are left to WebAssembly in any case.
 *
 * @example
 * ```ts
 * import { curveBackend } from "@agentzero/agentzero/zmq";
 *
 * console.log(await curveBackend()); // "sodium-native" or "libsodium-wrappers"
 * ```
 */
export async function curveBackend(): Promise<CurveBackend> {
  return (loaded ?? await load()).backend;
}

/**
 * libsodium.
 *
 * @throws {ZmqError} `EINVAL` if `loadSodium` has not completed.
 */
export function sodium(): typeof Sodium {
  return required().sodium;
}

/**
 * What encrypts frames.
 *
 * @throws {ZmqError} `EINVAL` if `loadSodium` has not completed.
 */
export function frameBox(): FrameBox {
  return required().box;
}

function required(): Loaded {
  if (loaded !== undefined) return loaded;
  throw new ZmqError(
    "EINVAL",
    "libsodium is not loaded: await curveBackend() first",
  );
}

function load(): Promise<Loaded> {
  loading ??= loadBoth().then((both) => loaded = both).finally(() =>
    loading = undefined
  );
  return loading;
}

async function loadBoth(): Promise<Loaded> {
  const [sodium, native] = await Promise.all([loadWasm(), loadNative()]);
  return loadedWith(sodium, native);
}

function loadedWith(
  sodium: typeof Sodium,
  native: NativeSodium | undefined,
  smallBox?: number,
): Loaded {
  // Exported, but missing in its declarations.
  const { libsodium } = sodium as unknown as { libsodium: RawSodium };
  const wasm = new WasmBox(libsodium);
  return native === undefined
    ? { sodium, box: wasm, backend: "libsodium-wrappers" }
    : {
      sodium,
      box: new NativeBox(native, wasm, smallBox),
      backend: "sodium-native",
    };
}

/**
 * Makes connections from now on use one of the two, whatever the size of a
 * frame. For tests.
 *
 * @returns What puts it back as it was; `undefined`, and nothing changes, if
 *   that one is not there.
 */
export async function useBackend(
  backend: CurveBackend,
): Promise<(() => void) | undefined> {
  const before = loaded ?? await load();
  const isNative = backend === "sodium-native";
  const native = isNative ? await loadNative() : undefined;
  if (isNative && native === undefined) return undefined;
  loaded = loadedWith(before.sodium, native, 0);
  return () => {
    loaded = before;
  };
}

async function loadWasm(): Promise<typeof Sodium> {
  const { default: sodium } = await import("libsodium-wrappers");
  await sodium.ready;
  return sodium;
}
