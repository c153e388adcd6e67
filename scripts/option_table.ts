/**
 * Writes `docs/options.md` from the tables of the options: what each may hold
 * is in `table.ts`, what it does in the JSDoc of `values.ts`.
 *
 *     node --import tsx scripts/option_table.ts           writes it
 *     node --import tsx scripts/option_table.ts --check   checks whether it is up to date
 *
 * @module
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import {
  ABSENT_CONTEXT_OPTIONS,
  ABSENT_NUMBERS,
  ABSENT_OPTIONS,
} from "../src/zmq/options/absent.ts";
import { CONTEXT_OPTIONS } from "../src/zmq/options/context_table.ts";
import { isLate } from "../src/zmq/options/late.ts";
import { FACTS, OPTIONS, type OptionSpec } from "../src/zmq/options/table.ts";
import type { OptionName } from "../src/zmq/options/values.ts";
import { SOCKET_TYPE_NAMES } from "../src/zmq/types.ts";
import { markdownTable } from "./lib/markdown_table.ts";
import { membersOf } from "./lib/source_text.ts";
import { writeOrCheck } from "./lib/written_file.ts";

const FILE = "docs/options.md";
const COMMAND = "deno task options";

/** The whole text of the page. */
export function optionsPage(read: (path: string) => string): string {
  const effects = membersOf(read("src/zmq/options/values.ts"));
  const contextEffects = membersOf(read("src/zmq/options/context_table.ts"));
  return `# Options

<!-- Written by \`${COMMAND}\` from src/zmq/options; do not edit. -->

The options of sockets and contexts, by their names in zeromq.js; the number is
that of libzmq's \`zmq.h\`. Each is a property, can be passed to the constructor,
and can be set by name or number with \`setOption\`. The column _applies_ says
when a new value takes effect: \`now\`, for the socket as it is; or \`later\`, for
what is bound and connected afterwards, with a warning if something already is.
High-water marks apply at once to all connections.

An unknown option, or an invalid value, is an error with the code \`EINVAL\`; an
option that cannot do here what it means is \`ENOTSUP\`. libzmq's tuning options
that have no effect here store their value, and say so below.

## Of sockets

${optionTable(OPTIONS, effects)}

## Read-only

${
    markdownTable(
      ["name", "number", "meaning"],
      Object.entries(FACTS).map(([name, number]) => [
        code(name),
        String(number),
        FACT_TEXTS[name as keyof typeof FACT_TEXTS] ?? effects.get(name)!,
      ]),
    )
  }

## Of a context

${optionTable(CONTEXT_OPTIONS, contextEffects)}

\`maxSocketsLimit\` (3) is the largest value of \`maxSockets\`.

## What cannot be set, and why

${absentTable({ ...ABSENT_OPTIONS, ...ABSENT_NUMBERS })}

Of a context:

${absentTable(ABSENT_CONTEXT_OPTIONS)}
`;
}

/** The texts for members of `Socket` that are options in libzmq. */
const FACT_TEXTS = {
  type: "The number of the socket type.",
  lastEndpoint:
    "The endpoint that was bound or connected last, with its actual port; null at first.",
};

function optionTable(
  options: Readonly<Record<string, OptionSpec>>,
  effects: ReadonlyMap<string, string>,
): string {
  const rows = Object.entries(options).map(([name, spec]) => {
    const text = effects.get(name);
    if (text === undefined) throw new Error(`${name} has no JSDoc`);
    const { number, types } = spec;
    return [
      code(name),
      number === undefined ? "" : String(number),
      values(spec),
      shownDefault(name, spec, text),
      socketTypes(types),
      isLate(name as OptionName) ? "later" : "now",
      text.replace(/ ?Default .*$/, ""),
    ];
  });
  const isOfSockets = rows.some((row) => row[4] !== "all");
  const head = [
    ...["name", "number", "values", "default"],
    ...["sockets", "applies", "effect"],
  ];
  return isOfSockets ? markdownTable(head, rows) : markdownTable(
    head.toSpliced(4, 2),
    rows.map((row) => row.toSpliced(4, 2)),
  );
}

/** The socket types that have an option, or those that lack it if these are fewer. */
function socketTypes(types: OptionSpec["types"]): string {
  if (types === undefined) return "all";
  const have: string[] = types.map((type) => SOCKET_TYPE_NAMES[type]);
  const others = SOCKET_TYPE_NAMES.filter((name) =>
    name !== "DGRAM" && !have.includes(name) // there is no UDP
  );
  return others.length < 4 ? `all but ${others.join(", ")}` : have.join(", ");
}

/** What an option may hold. */
function values(spec: OptionSpec): string {
  const unit = spec.unit === undefined ? "" : ` ${spec.unit}`;
  const orNull = spec.default === null ? " or null" : "";
  switch (spec.kind) {
    case "integer": {
      const max = spec.max === 2 ** 64 - 1
        ? "2^64 - 1"
        : spec.max === Number.MAX_SAFE_INTEGER
        ? "2^53 - 1"
        : spec.max === 0x7fffffff
        ? "2^31 - 1"
        : spec.max!.toLocaleString("en");
      return `${spec.min} to ${max}${unit}`;
    }
    case "boolean":
      return "true, false";
    case "text":
    case "bytes": {
      const most = spec.maxBytes === undefined
        ? ""
        : ` of ${spec.mayBeEmpty ? 0 : 1} to ${spec.maxBytes} bytes`;
      return `text${spec.kind === "text" ? "" : " or bytes"}${most}${orNull}`;
    }
    case "address":
      return `host:port${orNull}`;
    case "words":
      return `any of ${
        spec.words!.map((word) => code(`"${word}"`)).join(", ")
      }`;
    case "origins":
      return "origins";
    case "verbosity":
      return `${code('"allSubs"')}, ${code('"allSubsUnsubs"')}, null`;
    case "key":
      return `a key (Z85 or 32 bytes)${orNull}`;
    case "keys":
      return `keys${orNull}`;
    case "function":
      return `a function${orNull}`;
  }
}

/** The default as the JSDoc states it, which must agree with the table. */
function shownDefault(name: string, spec: OptionSpec, text: string): string {
  const stated = /Default (.+)\.$/.exec(text)?.[1] ?? "nothing";
  const value = Array.isArray(spec.default)
    ? JSON.stringify(spec.default)
    : typeof spec.default === "number"
    ? spec.default.toLocaleString("en")
    : String(spec.default);
  const isSame = stated === value ||
    /^[,: ]/.test(stated.slice(value.length)) &&
      stated.startsWith(value);
  if (!isSame) {
    throw new Error(`${name} is ${value} by default, its JSDoc says ${stated}`);
  }
  return stated;
}

function absentTable(
  options: Readonly<Record<string, readonly [number, string]>>,
): string {
  return markdownTable(
    ["name", "number", "why"],
    Object.entries(options)
      .sort(([, [a]], [, [b]]) => a - b)
      .map(([name, [number, reason]]) => [code(name), String(number), reason]),
  );
}

function code(text: string): string {
  return `\`${text}\``;
}

function main(): void {
  process.chdir(fileURLToPath(new URL("..", import.meta.url)));
  const page = optionsPage((path) => readFileSync(path, "utf8"));
  writeOrCheck(FILE, page, COMMAND);
}

if (import.meta.main ?? process.argv[1] === fileURLToPath(import.meta.url)) {
  main();
}
