// The frames of WebSocket, and their translation, in any pieces.
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  controlFrame,
  FrameReader,
  type FrameSink,
  mask,
  PING,
} from "../../../../src/zmq/transport/ws/frames.ts";
import { WebSocketError } from "../../../../src/zmq/transport/ws/errors.ts";
import type { Subprotocol } from "../../../../src/zmq/transport/ws/subprotocol.ts";
import { ZwsTranslator } from "../../../../src/zmq/transport/ws/zws.ts";
import { concat } from "../../../../src/zmq/bytes.ts";
import { FRAMING_2 } from "../../../../src/zmq/framing.ts";
import { test } from "../../../support/harness.ts";
import { bytes, check, fc } from "../../../support/property.ts";

const NULL: Subprotocol = {
  name: "ZWS2.0/NULL",
  mechanism: "NULL",
  dialects: ["commands"],
};
const BARE: Subprotocol = {
  name: "ZWS2.0",
  mechanism: "NULL",
  dialects: ["routing id", "commands"],
};
const GREETING = new Uint8Array(64);

/** What came out of a translator, as one array. */
function through(translator: ZwsTranslator, isMasked: boolean) {
  const controls: number[] = [];
  const sink: FrameSink = {
    begin: (size) => translator.begin(size),
    data: (part, start, end) => translator.data(part, start, end),
    end: () => translator.end(),
    control: (opcode) => controls.push(opcode),
    get fragmentLimit() {
      return translator.fragmentLimit;
    },
  };
  return { reader: new FrameReader(isMasked, sink), controls };
}

/** Cuts bytes into pieces of their own memory. */
function cut(whole: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (let i = 0; at < whole.byteLength; i++) {
    const size = sizes.length === 0
      ? whole.byteLength
      : sizes[i % sizes.length]!;
    pieces.push(whole.slice(at, at + size));
    at += size;
  }
  return pieces;
}

/** A frame of ZMTP 3. */
function zmtp(body: Uint8Array, flags: number): Uint8Array {
  const header = new Uint8Array(10);
  const end = FRAMING_2.write(header, 0, body.byteLength, flags);
  return concat([header.subarray(0, end), body]);
}

const frames = fc.array(
  fc.record({
    body: fc.oneof(
      bytes(300),
      fc.constantFrom(0, 124, 125, 126, 255, 256, 65_534, 65_535, 70_000)
        .map((size) => new Uint8Array(size).map((_, i) => i * 7)),
    ),
    flags: fc.constantFrom(0, 1, 4),
  }),
  { maxLength: 8 },
);
const sizes = fc.array(fc.integer({ min: 1, max: 70_000 }), { maxLength: 5 });
const smallSizes = fc.array(fc.integer({ min: 1, max: 40 }), {
  minLength: 1,
  maxLength: 5,
});

for (const isMasked of [true, false]) {
  test(
    `frames arrive as they were sent, ${
      isMasked ? "masked" : "not masked"
    }, in any pieces`,
    () =>
      check(
        fc.property(
          frames,
          fc.oneof(sizes, smallSizes),
          sizes,
          (list, written, read) => {
            const sender = new ZwsTranslator(NULL, !isMasked, -1);
            const receiver = new ZwsTranslator(NULL, isMasked, -1);
            receiver.take(); // the greeting
            const sent = concat([
              zmtp(Uint8Array.of(1), 4), // a server must begin with a command
              ...list.map(({ body, flags }) => zmtp(body, flags)),
            ]);
            const wire = concat([
              ...sender.translate([GREETING]),
              ...sender.translate(cut(sent, written)).map((part) =>
                part.slice()
              ),
            ]);
            const { reader } = through(receiver, isMasked);
            for (const piece of cut(wire, read)) reader.push(piece);
            assertEquals(concat(receiver.take()), sent);
          },
        ),
        30,
      ),
  );
}

test("what no peer may send is a WebSocketError, or nothing comes of it", () =>
  check(
    fc.property(
      bytes(200),
      fc.boolean(),
      fc.boolean(),
      (input, isMasked, isBare) => {
        const subprotocol = isBare ? BARE : NULL;
        const outcome = (pieces: Uint8Array[]) => {
          const translator = new ZwsTranslator(subprotocol, isMasked, 100);
          const { reader, controls } = through(translator, isMasked);
          const out: Uint8Array[] = [];
          try {
            for (const piece of pieces) {
              reader.push(piece);
              out.push(...translator.take());
            }
          } catch (error) {
            if (!(error instanceof WebSocketError)) throw error;
            out.push(...translator.take());
            return [[...concat(out)], controls, error.message];
          }
          return [[...concat(out)], controls, "no error"];
        };
        assertEquals(
          outcome(cut(input, [1])),
          outcome(cut(input, [])),
        );
      },
    ),
    500,
  ));

test("a control frame above 125 bytes is refused before its size has arrived", () => {
  const { reader } = through(new ZwsTranslator(NULL, true, -1), true);
  reader.push(controlFrame(PING, new Uint8Array(125), true));
  assertThrows(() => reader.push(Uint8Array.of(0x89, 0xfe)), WebSocketError);
});

test("a mask is the same by words and by bytes, wherever it begins", () => {
  const key = Uint8Array.of(0x12, 0x34, 0x56, 0x78);
  for (const size of [1023, 1024, 1025, 1027, 5000]) {
    for (let offset = 0; offset < 4; offset++) {
      for (let start = 0; start < 4; start++) {
        for (let phase = 0; phase < 4; phase++) {
          const bytes = new Uint8Array(offset + size + 8).subarray(offset);
          const after = mask(bytes, start, start + size, key, phase);
          assertEquals(after, (phase + size) % 4);
          assert(
            bytes.every((byte, i) =>
              byte ===
                (i < start || i >= start + size
                  ? 0
                  : key[(phase + i - start) % 4])
            ),
            `${size} bytes from ${offset} + ${start}, phase ${phase}`,
          );
        }
      }
    }
  }
});
