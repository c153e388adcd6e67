/**
 * Writes `docs/errors.md`. What a code means is in the source, beside its type;
 * what to do about it is in `lib/error_advice.ts`.
 *
 *     node --import tsx scripts/error_table.ts           writes it
 *     node --import tsx scripts/error_table.ts --check   checks whether it is up to date
 *
 * @module
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { errorCodes } from "../src/errors.ts";
import {
  CLI_ADVICE,
  ENGINE_ADVICE,
  MANAGER_ADVICE,
  NATIVE_ADVICE,
  PIPELINE_ADVICE,
  PROTOCOL_ADVICE,
  SYSTEM_CODES,
} from "./lib/error_advice.ts";
import { markdownTable } from "./lib/markdown_table.ts";
import { writeOrCheck } from "./lib/written_file.ts";

const FILE = "docs/errors.md";
const COMMAND = "deno task errors";

/** The whole text of the page. */
export function errorsPage(read: (path: string) => string): string {
  const engine = meaningsIn(read("src/zmq/errors.ts"));
  return `# Errors by code

<!-- Written by \`${COMMAND}\` from the source and scripts/lib/error_advice.ts; do not edit. -->

Every error of this library has a \`code\`, which does not change between
versions; messages may change. Match on it:

\`\`\`ts file=match.ts
import { zmq } from "@agentzero/agentzero";

await using pull = new zmq.Pull({ receiveTimeout: 10 });
try {
  await pull.receive();
} catch (error) {
  if ((error as zmq.ZmqError).code !== "EAGAIN") throw error;
  console.log("no message in time");
}
\`\`\`

\`\`\`text output=match.ts
no message in time
\`\`\`

An error that has another one as its reason has it as its \`cause\`. Unless it
says otherwise below, nothing was sent and nothing was lost. A signal that was
aborted is no error of this library: the call rejects with the reason of the
signal, such as an \`AbortError\`.

- [SocketManager](#socketmanager)
- [Sockets](#sockets): what the classes of \`zmq\` throw
- [In events](#in-events): what happened to a connection
- [Pipelines](#pipelines)
- [The command line](#the-command-line)
- [libzmq](#libzmq)

## SocketManager

\`AgentZeroSocketError\` and its subclasses. The code of the error beneath, such
as \`EADDRINUSE\`, is in \`error.cause.code\`.

${codeTable(MANAGER_ADVICE, new Map(Object.entries(errorCodes)))}

## Sockets

\`ZmqError\`; its \`errno\` is the number that libzmq has for the code.

${codeTable(ENGINE_ADVICE, engine)}

Besides these, a code of the operating system may pass through:

${systemTable()}

## In events

Calls do not fail because of these: the connection is closed, the
[event](monitor.md) has the error, and so has \`lastConnectError\` of the side
that connects. [Nothing arrives](nothing_arrives.md) has more about the usual
ones.

${codeTable(PROTOCOL_ADVICE, engine)}

## Pipelines

\`PipelineError\`. Some have \`advice\`, with which the message ends, and the
\`options\` concerned.

${
    codeTable(
      PIPELINE_ADVICE,
      meaningsIn(read("src/pipeline/model/pipeline_error.ts")),
    )
  }

## The command line

The [exit code](cli.md#for-programs) is 2 for wrong usage, 3 if the other side
cannot be reached or refuses, and otherwise 1. Besides the codes above there are

${codeTable(CLI_ADVICE, meaningsIn(read("src/cli/cli_error.ts")))}

## libzmq

\`NativeError\`: only \`loadNative\` throws it. See [native.md](native.md).

${codeTable(NATIVE_ADVICE, meaningsIn(read("src/native/libzmq_errors.ts")))}
`;
}

/** The meanings in a table of a JSDoc comment, whose rows are a code and its meaning. */
function meaningsIn(source: string): Map<string, string> {
  return new Map(
    Array.from(
      source.matchAll(/^ \* \| `([A-Z_]+)` \| (.+) \|$/gm),
      ([, code, meaning]) => [code!, meaning!],
    ),
  );
}

const HEAD = ["code", "meaning", "what to do"];

function codeTable(
  advice: Readonly<Record<string, string>>,
  meanings: ReadonlyMap<string, string>,
): string {
  const rows = Object.entries(advice).map(([code, what]) => {
    const meaning = meanings.get(code);
    if (meaning === undefined) throw new Error(`${code} has no meaning`);
    return [`\`${code}\``, asSentence(meaning), what];
  });
  return markdownTable(HEAD, rows);
}

function systemTable(): string {
  const rows = Object.entries(SYSTEM_CODES).map(([code, [meaning, what]]) => [
    ...[`\`${code}\``, asSentence(meaning), what],
  ]);
  return markdownTable(HEAD, rows);
}

function asSentence(text: string): string {
  const end = /[.!?]$/.test(text) ? "" : ".";
  return text.charAt(0).toUpperCase() + text.slice(1) + end;
}

function main(): void {
  process.chdir(fileURLToPath(new URL("..", import.meta.url)));
  const page = errorsPage((path) => readFileSync(path, "utf8"));
  writeOrCheck(FILE, page, COMMAND);
}

if (import.meta.main ?? process.argv[1] === fileURLToPath(import.meta.url)) {
  main();
}
