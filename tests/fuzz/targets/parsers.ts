/**
 * Test support. Fuzzes the small parsers of what comes from elsewhere: command,
 * metadata, reason of an ERROR, error reply, Z85, address. What a parser
 * accepts must mean the same when it is written again.
 *
 * @module
 */
import { ZmqError } from "../../../src/zmq/errors.ts";
import { defaultOptions } from "../../../src/zmq/options/check.ts";
import { ReplyError } from "../../../src/zmq/proxy/reply_error.ts";
import { tcp } from "../../../src/zmq/transport/tcp.ts";
import {
  decodeCommand,
  decodeErrorReason,
  decodeMetadata,
  encodeCommand,
  encodeMetadata,
} from "../../../src/zmq/zmtp/command.ts";
import { PULL } from "../../../src/zmq/types.ts";
import { z85Decode, z85Encode } from "../../../src/zmq/z85.ts";
import { sameBytes, utf8 } from "../../support/bytes.ts";
import { framesOf } from "../framed.ts";
import { Grammar } from "../grammar.ts";
import { mutate } from "../mutate.ts";
import type { Random } from "../random.ts";
import { codeOf, demand, type Input, type Target } from "../target.ts";
import { Writer } from "../writer.ts";

const PARSERS = {
  command,
  metadata,
  reason,
  reply,
  z85,
  address,
} as const satisfies Record<string, (bytes: Uint8Array) => void>;

type Parser = keyof typeof PARSERS;
const NAMES = Object.keys(PARSERS) as Parser[];

const OPTIONS = defaultOptions(PULL);
const READY = "ERR_ZMTP_MALFORMED_COMMAND_READY";
const KEYS = [
  "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
  "HelloWorld",
  "%nSc0",
];
const ADDRESSES = [
  "tcp://127.0.0.1:5555",
  "tcp://[::1]:*",
  "tcp://*:0",
  "tcp://10.0.0.1:0;example.org:80",
  "tcp://[fe80::1%eth0]:65535",
];

/** Makes the target. */
export function parsersTarget(share: number): Target {
  const grammar = new Grammar();
  const writer = new Writer();
  return {
    name: "parsers",
    share,
    generate(random: Random): Input {
      const parser = random.pick(NAMES);
      grammar.begin(random, writer);
      say(parser, random, grammar, writer);
      for (let n = random.below(4); n > 0; n--) mutate(writer, random);
      return { setup: { parser }, bytes: writer.written, cuts: [] };
    },
    run({ setup, bytes }: Input): string {
      try {
        PARSERS[setup.parser as Parser](bytes);
        return `${setup.parser} read`;
      } catch (error: unknown) {
        if (error instanceof ZmqError && error.code === "EINVAL") {
          return `${setup.parser} EINVAL`;
        }
        return `${setup.parser} ${codeOf(error)}`;
      }
    },
  };
}

/** What the parser understands, or nearly so. */
function say(
  parser: Parser,
  random: Random,
  grammar: Grammar,
  writer: Writer,
): void {
  switch (parser) {
    case "command":
    case "reason":
      return writer.append(grammar.command());
    case "metadata":
      return writer.append(grammar.metadata("DEALER"));
    case "reply":
      return writer.text(random.pick(["\0ERROR|E|text", "\0ERROR||", "\0E"]));
    case "z85":
      return writer.text(random.pick(KEYS));
    case "address":
      return writer.text(random.pick(ADDRESSES));
  }
}

function command(bytes: Uint8Array): void {
  const { name, data } = decodeCommand(bytes);
  demand(sameBytes(encodeCommand(name, data), bytes), "a command changes");
}

function metadata(bytes: Uint8Array): void {
  const read = decodeMetadata(bytes, READY);
  for (const [name, value] of read) {
    demand(name === name.toLowerCase(), "a name is not in lower case");
    demand(value.byteLength < bytes.byteLength, "a value comes from nowhere");
  }
  // A name that is not ASCII is read as something of another size.
  if ([...read.keys()].some((name) => utf8(name).length !== name.length)) {
    return;
  }
  const again = decodeMetadata(encodeMetadata(read), READY);
  demand(
    again.size === read.size &&
      [...read].every(([name, value]) => sameBytes(again.get(name)!, value)),
    "metadata changes",
  );
}

function reason(bytes: Uint8Array): void {
  const text = decodeErrorReason(bytes);
  demand(/^[\x20-\x7e]{0,255}$/.test(text), "a reason is not printable");
}

/** The frames of a reply stand between bars. */
function reply(bytes: Uint8Array): void {
  const frames = framesOf(bytes);
  const error = ReplyError.from(frames);
  demand(
    error === undefined || frames.length === 3,
    "an answer is taken for an error",
  );
}

function z85(bytes: Uint8Array): void {
  const text = String.fromCharCode(...bytes.subarray(0, 200));
  const read = z85Decode(text);
  demand(z85Encode(read) === text, "Z85 changes");
}

function address(bytes: Uint8Array): void {
  const text = String.fromCharCode(...bytes.subarray(0, 200));
  for (const use of ["bind", "connect"] as const) {
    tcp.check(text, use, OPTIONS);
  }
}
