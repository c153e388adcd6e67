/**
 * Layer: cli. `agentzero send`: sends messages from a socket of any type.
 *
 * @module
 */
import type { Command } from "commander";
import process from "node:process";
import { createInterface } from "node:readline";
import {
  createSocket,
  type DuplexSocket,
  type SocketType,
  type WritableSocket,
  XPUB,
  type XPublisher,
} from "../../zmq/mod.ts";
import { argumentOf, describe } from "../command.ts";
import { CliError, codeOf, usageError } from "../cli_error.ts";
import {
  type Format,
  lineOf,
  messageOfArgs,
  messageOfLine,
} from "../frames.ts";
import type { Shell } from "../shell.ts";
import {
  addSocketFlags,
  curveOf,
  formatOf,
  open,
  type SocketFlags,
} from "../socket_flags.ts";
import { namesOf, sendingTypes } from "../socket_types.ts";
import { Subscribers } from "../subscribers.ts";
import { durationText } from "../table.ts";
import { SocketProblem } from "../socket_problem.ts";
import { duration, PATIENCE_MS } from "../values.ts";

const TYPES = sendingTypes();
/** The types that can wait for a reply; a REQ always does. */
const ANSWERED = namesOf(TYPES, ({ receives }) => receives);

type Sender = (WritableSocket | DuplexSocket) & { receive?: unknown };

interface Flags extends SocketFlags {
  readonly topic?: string;
  readonly reply?: boolean;
  readonly wait: boolean;
}

/** The command. */
export function sendCommand(command: Command, shell: Shell): Command {
  describe(command, {
    details:
      `Sends one message whose frames are the arguments, or with - one message for each
line of stdin. It waits for a peer to send it to; a publisher waits for a
subscriber of its topic. A REQ prints the reply.`,
    examples: [
      "send push --connect tcp://127.0.0.1:5555 hello",
      "send req --connect tcp://127.0.0.1:5555 'what is up?'",
      "send pub --bind 'tcp://*:5556' --topic weather '21 °C'",
      "seq 1000 | agentzero send push --bind 'tcp://*:5557' -",
      "send dealer --connect tcp://127.0.0.1:5555 --format hex '' 00ff --reply",
    ],
  });
  argumentOf(command, "type").choices([...TYPES.keys()]);
  argumentOf(command, "frames").description =
    "the frames of a message, or - for stdin";
  addSocketFlags(command)
    .option("--topic <topic>", "of a pub: the first frame")
    .option(
      "--reply",
      `wait for a reply and print it: ${ANSWERED.join(", ")}`,
    )
    .option("--no-wait", "of a pub: send even without subscribers")
    .option(
      "--timeout <time>",
      "how long to wait for a peer, and for a reply (default: 5s)",
      duration,
    );
  return command.action((type: string, frames: string[], flags: Flags) =>
    send(shell, type, frames, flags)
  );
}

async function send(
  shell: Shell,
  type: string,
  args: readonly string[],
  flags: Flags,
): Promise<void> {
  check(type, args, flags);
  const { timeout: timeoutMs = PATIENCE_MS } = flags;
  const format = formatOf(flags, shell);
  const messages = messagesOf(args, flags, format);
  const isAnswered = type === "req" || flags.reply === true;
  const socket = await createSender(type, flags, timeoutMs);
  const problem = new SocketProblem(socket);
  const wait = { timeout: timeoutMs, signal: problem.refused };
  const subscribers = type === "pub" && flags.wait
    ? new Subscribers(socket as XPublisher)
    : undefined;
  let step = "No peer accepted the message";
  try {
    await open(socket, flags, shell);
    for await (const message of messages) {
      step = "No subscriber for the message";
      await subscribers?.wanted(message[0]!, wait);
      step = "No peer accepted the message";
      await socket.send(message, wait);
      if (!isAnswered) continue;
      step = "No reply";
      const answer = await (socket as DuplexSocket).receive(wait);
      await shell.write(`${lineOf(answer, format)}\n`);
    }
    step = "Not all messages were sent";
    await leave(socket, timeoutMs);
  } catch (error) {
    if (codeOf(error) !== "EAGAIN") throw error;
    const text = `${step} within ${durationText(timeoutMs)}${problem.text}`;
    throw new CliError("ERR_CLI_TIMEOUT", text);
  } finally {
    socket.linger = 0;
    await socket.close();
  }
}

async function createSender(
  type: string,
  flags: Flags,
  timeoutMs: number,
): Promise<Sender> {
  return createSocket(numberOf(type), {
    ...await curveOf(flags),
    linger: timeoutMs,
    immediate: true,
    ...type === "pub" && { noDrop: true },
  }) as Sender;
}

/** A PUB does not know its subscribers; an XPUB does, with the same protocol. */
function numberOf(type: string): SocketType {
  return type === "pub" ? XPUB : TYPES.get(type)!.number;
}

function check(type: string, args: readonly string[], flags: Flags): void {
  if (flags.topic !== undefined && type !== "pub") {
    throw usageError(`--topic is for pub; a ${type} has no topics`);
  }
  if (!flags.wait && type !== "pub") {
    throw usageError(`--no-wait is for pub; a ${type} always waits for a peer`);
  }
  if (flags.reply === true && !ANSWERED.includes(type)) {
    throw usageError(`--reply is for ${ANSWERED.join(", ")}, not for ${type}`);
  }
  if (args.length === 0) {
    throw usageError("No message: give its frames, or - for stdin");
  }
}

/** Validates arguments before the socket is created; stdin is read as it arrives. */
function messagesOf(
  args: readonly string[],
  { topic }: Flags,
  format: Format,
): Iterable<Uint8Array[]> | AsyncIterable<Uint8Array[]> {
  const head = topic === undefined ? [] : [new TextEncoder().encode(topic)];
  return args.length > 1 || args[0] !== "-"
    ? [[...head, ...messageOfArgs(args, format)]]
    : messagesOfStdin(head, format);
}

async function* messagesOfStdin(
  head: readonly Uint8Array[],
  format: Format,
): AsyncIterable<Uint8Array[]> {
  for await (const line of createInterface({ input: process.stdin })) {
    yield [...head, ...messageOfLine(line, format)];
  }
}

/** Waits until everything is sent before the socket is closed. */
async function leave(socket: Sender, lingerMs: number): Promise<void> {
  const begin = performance.now();
  await socket.close();
  if (performance.now() - begin >= lingerMs) {
    throw Object.assign(new Error("Too slow"), { code: "EAGAIN" });
  }
}
