/** Tests of what encrypts frames: both implementations, in the same memory. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import sodiumModule from "libsodium-wrappers";
import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { ProtocolError } from "../../../src/zmq/errors.ts";
import { curveBackend } from "../../../src/zmq/mod.ts";
import { MessageNonce } from "../../../src/zmq/zmtp/mechanism/curve_box.ts";
import {
  BOX_HEAD,
  type FrameBox,
} from "../../../src/zmq/zmtp/mechanism/frame_box.ts";
import {
  frameBox,
  useBackend,
} from "../../../src/zmq/zmtp/mechanism/sodium.ts";
import { pattern } from "../../support/bytes.ts";
import { curveTest, noNativeSodium } from "../../support/curve_backends.ts";
import { runtime, test } from "../../support/harness.ts";

const NONCE = pattern(24);
const KEYS = [pattern(32), pattern(32).map((byte) => byte ^ 0x55)] as const;
/** Around the sizes at which something changes: what is small, the memory that is used again. */
const SIZES = [
  0,
  1,
  64,
  494,
  495,
  496,
  8192,
  65_536,
  65_600,
  200_000,
  5_000_000,
];
const BEFORE = 7;

/** A box with something before and after it. */
function sealed(box: FrameBox, rest: Uint8Array, key = KEYS[0]): Uint8Array {
  const memory = new Uint8Array(BEFORE + BOX_HEAD + 1 + rest.byteLength + 3);
  memory.fill(0xaa);
  box.seal(1, rest, memory, BEFORE, NONCE, key);
  const end = memory.byteLength - 3;
  for (const at of [0, BEFORE - 1, end, end + 2]) {
    assertEquals(memory[at], 0xaa);
  }
  return memory.slice(0, end);
}

curveTest(
  "a box is what libsodium makes of it, and is opened where it lies",
  () => {
    for (const size of SIZES) {
      const rest = pattern(size);
      const plain = new Uint8Array([1, ...size > 10_000 ? [] : rest]);
      const bytes = sealed(frameBox(), rest);
      if (size <= 10_000) {
        const expected = sodiumModule.crypto_secretbox_easy(
          plain,
          NONCE,
          KEYS[0],
        );
        assertEquals([...bytes.subarray(BEFORE)], [...expected]);
      }
      assert(frameBox().open(bytes, BEFORE, NONCE, KEYS[0]), `${size} bytes`);
      assertEquals(bytes[BEFORE + BOX_HEAD], 1);
      const opened = bytes.subarray(BEFORE + BOX_HEAD + 1);
      assertEquals(Buffer.compare(opened, rest), 0, `${size} bytes`);
    }
  },
);

curveTest("a box that was altered is not opened, and stays as it is", () => {
  for (const size of [1, 600, 70_000]) {
    const genuine = sealed(frameBox(), pattern(size));
    for (const at of [BEFORE, BEFORE + BOX_HEAD, genuine.byteLength - 1]) {
      const bytes = genuine.slice();
      bytes[at]! ^= 1;
      const altered = bytes.slice();
      assert(!frameBox().open(bytes, BEFORE, NONCE, KEYS[0]));
      assertEquals(Buffer.compare(bytes, altered), 0);
    }
  }
});

curveTest("connections that take turns each use their own key", () => {
  for (const size of [1, 600]) {
    const [first, second] = KEYS.map((key) =>
      sealed(frameBox(), pattern(size), key)
    ) as [Uint8Array, Uint8Array];
    assert(!frameBox().open(first, BEFORE, NONCE, KEYS[1]));
    assert(frameBox().open(second, BEFORE, NONCE, KEYS[1]));
    assert(frameBox().open(first, BEFORE, NONCE, KEYS[0]));
  }
});

test("a nonce carries from byte to byte, and ends after the last number", () => {
  const numbers = [0n, 0xfen, 0xffn, 0xffffn, 0xffff_ffffn, 2n ** 64n - 2n];
  for (const last of numbers) {
    const nonce = new MessageNonce("CurveZMQMESSAGEC", last);
    nonce.advance();
    const message = new Uint8Array(20);
    nonce.writeNumber(message, 3);
    assertEquals(new DataView(message.buffer).getBigUint64(3), last + 1n);
    assert(nonce.hasNumber(message, 3));
    message[10]! ^= 1;
    assert(!nonce.hasNumber(message, 3));
  }
  const nonce = new MessageNonce("CurveZMQMESSAGEC", 2n ** 64n - 1n);
  assertThrows(() => nonce.advance(), ProtocolError);
});

test("curveBackend names what is used", async () => {
  const isNative = noNativeSodium === false;
  const expected = isNative ? "sodium-native" : "libsodium-wrappers";
  assertEquals(await curveBackend(), expected);
  const putBack = await useBackend("libsodium-wrappers");
  assertEquals(await curveBackend(), "libsodium-wrappers");
  putBack!();
  assertEquals(await curveBackend(), expected);
});

const ROOT = new URL("../../../", import.meta.url);

for (
  const [flags, expected] of [
    [["--allow-ffi", "--allow-read"], "sodium-native"],
    [["--allow-read"], "libsodium-wrappers"],
    [["--allow-ffi"], "libsodium-wrappers"],
    // Without any, a Deno that starts another gives it all.
    [["--allow-env=NO_COLOR"], "libsodium-wrappers"],
  ] as const
) {
  test(`Deno with ${flags.join(" ")} uses ${expected}`, {
    skip: runtime !== "deno"
      ? "only Deno asks for permissions"
      : noNativeSodium,
  }, () => {
    const source = `import { curveBackend } from "./src/zmq/entry.ts";
      console.log(await curveBackend());`;
    const args = ["run", "--no-check", "--quiet", ...flags, "-"];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, {
      cwd: ROOT,
      input: source,
      encoding: "utf8",
    });
    assertEquals([stdout.trim(), stderr, status], [expected, "", 0]);
  });
}
