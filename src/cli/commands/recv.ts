/**
 * Layer: cli. `agentzero recv`: prints what a socket of any type receives.
 *
 * @module
 */
import type { Command } from "commander";
import {
  createSocket,
  type DuplexSocket,
  type Message,
  type MessageLike,
  type ReadableSocket,
  type Subscriber,
} from "../../zmq/mod.ts";
import { argumentOf, describe } from "../command.ts";
import { CliError, codeOf, usageError } from "../cli_error.ts";
import { lineOf, messageOfArgs } from "../frames.ts";
import type { Shell } from "../shell.ts";
import { untilReaderGone } from "../signals.ts";
import {
  addSocketFlags,
  curveOf,
  formatOf,
  open,
  type SocketFlags,
} from "../socket_flags.ts";
import { namesOf, receivingTypes } from "../socket_types.ts";
import { durationText } from "../table.ts";
import { SocketProblem } from "../socket_problem.ts";
import { duration, list, positive } from "../values.ts";

const TYPES = receivingTypes();
/** The types that can reply; a REP must. */
const ANSWERING = namesOf(TYPES, ({ sends }) => sends);

type Receiver = ReadableSocket | DuplexSocket;
/** Returns the reply to a message. */
type Answer = (message: Message) => readonly MessageLike[];

interface Flags extends SocketFlags {
  readonly subscribe?: readonly string[];
  readonly count?: number;
  readonly reply?: string;
  readonly echo?: boolean;
}

/** The command. */
export function recvCommand(command: Command, shell: Shell): Command {
  describe(command, {
    details:
      `Prints each message as a line, until Ctrl-C or --count messages. As text, control
characters are escaped, and there is a tab between frames.

A REP must answer every message: with --reply, with --echo, or otherwise with an
empty message.`,
    examples: [
      "recv pull --bind 'tcp://*:5555'",
      "recv sub --connect tcp://127.0.0.1:5556 --subscribe weather --count 1",
      "recv rep --bind tcp://127.0.0.1:5555 --reply 'all is well'",
      "recv router --bind ipc:///tmp/jobs --echo --format json",
    ],
  });
  argumentOf(command, "type").choices([...TYPES.keys()]);
  addSocketFlags(command)
    .option(
      "--subscribe <topic>",
      "of a sub: receive topics that begin with this; can be repeated (default: all)",
      list,
    )
    .option("--count <n>", "end after this many messages", positive)
    .option("--reply <frame>", `reply with this: ${ANSWERING.join(", ")}`)
    .option("--echo", "reply with the received message")
    .option(
      "--timeout <time>",
      "stop if no message arrives for this long (default: never)",
      duration,
    );
  return command.action((type: string, flags: Flags) =>
    untilReaderGone((signal) => receive(shell, type, flags, signal), shell)
  );
}

async function receive(
  shell: Shell,
  type: string,
  flags: Flags,
  end: AbortSignal,
): Promise<void> {
  const { subscribe, count = Infinity, timeout = -1 } = flags;
  const format = formatOf(flags, shell);
  const answer = answerOf(type, flags);
  const { subscribes } = TYPES.get(type)!;
  if (subscribe !== undefined && subscribes === null) {
    throw usageError(`--subscribe is for sub; a ${type} receives everything`);
  }
  const socket = createSocket(
    TYPES.get(type)!.number,
    await curveOf(flags),
  ) as Receiver;
  const problem = new SocketProblem(socket);
  const signal = AbortSignal.any([end, problem.refused]);
  try {
    if (subscribes !== null) {
      (socket as Subscriber).subscribe(...subscribe ?? [""]);
    }
    await open(socket, flags, shell);
    for (let n = 0; n < count; n++) {
      const message = await socket.receive({ timeout, signal });
      await shell.write(`${lineOf(message, format)}\n`);
      if (answer === undefined) continue;
      await (socket as DuplexSocket).send([...answer(message)], { signal });
    }
  } catch (error) {
    if (end.aborted) return;
    if (codeOf(error) !== "EAGAIN") throw error;
    throw new CliError(
      "ERR_CLI_TIMEOUT",
      `No message arrived within ${durationText(timeout)}${problem.text}`,
    );
  } finally {
    if (end.aborted) socket.linger = 0;
    await socket.close();
  }
}

function answerOf(type: string, flags: Flags): Answer | undefined {
  const { reply, echo, format = "text" } = flags;
  const { address, turns } = TYPES.get(type)!;
  if (reply !== undefined && echo === true) {
    throw usageError("--reply and --echo exclude each other");
  }
  if (reply === undefined && echo !== true) {
    return turns === "receive first" ? () => [""] : undefined;
  }
  if (!ANSWERING.includes(type)) {
    throw usageError(`A ${type} cannot reply; ${ANSWERING.join(", ")} can`);
  }
  if (reply === undefined) return (message) => message;
  const body = messageOfArgs([reply], format);
  return (
    message,
  ) => [...address === "nothing" ? [] : envelopeOf(message), ...body];
}

/** The envelope: the routing id, and the frames up to an empty one. */
function envelopeOf(message: Message): Message {
  const empty = message.findIndex((frame) => frame.byteLength === 0);
  return message.slice(0, empty < 0 ? 1 : empty + 1);
}
