/**
 * Layer: zmtp. Loads the optional package `sodium-native`.
 *
 * @module
 */
import type { NativeSodium } from "./frame_box.ts";

/**
 * `sodium-native`, if it can be used. Missing, not allowed, built for other
 * systems or of another shape: each is the same, as WebAssembly does all that
 * it would.
 */
export async function loadNative(): Promise<NativeSodium | undefined> {
  if (!mayLoadNative()) return undefined;
  // Not a literal: bundlers cannot include native code, and Deno would
  // download 18 MB for every program that imports this module from JSR.
  const name: string = "sodium-native";
  try {
    const module = await import(
      /* webpackIgnore: true */ /* @vite-ignore */ name
    );
    const native = module.default ?? module;
    const isWhole = typeof native.crypto_secretbox_easy === "function" &&
      typeof native.crypto_secretbox_open_easy === "function";
    return isWhole ? native : undefined;
  } catch {
    return undefined;
  }
}

interface DenoLike {
  readonly permissions: {
    querySync(descriptor: { name: "ffi" | "read" }): { readonly state: string };
  };
}

/**
 * Whether the runtime lets it load, without asking anybody. On Deno native code
 * needs `ffi`; to find the build for the system, the package looks at files
 * outside of its own folder, and a prompt would hold up the process.
 */
function mayLoadNative(): boolean {
  const { permissions } = (globalThis as { Deno?: DenoLike }).Deno ?? {};
  return permissions === undefined ||
    (["ffi", "read"] as const).every((name) =>
      permissions.querySync({ name }).state === "granted"
    );
}
