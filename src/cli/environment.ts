/**
 * Layer: cli. Options that an environment variable can give, too. A variable
 * that Deno does not permit to read counts as unset; nobody is asked for it.
 *
 * @module
 */
import { type Command, Option } from "commander";
import process from "node:process";
import { isGranted } from "../util/deno_permission.ts";
import { nearestName } from "../zmq/nearest_name.ts";

const PREFIX = "AGENTZERO_";

/** The variables that mean something, without their prefix. */
const NAMES = [
  "PIPELINE",
  "KEYS",
  "SERVER_KEY",
  "TOKEN",
  "DASHBOARD_TOKEN",
] as const;

/** The name of a variable, without its prefix. */
export type VariableName = typeof NAMES[number];

/** What Kubernetes sets by itself for a service whose name begins with `agentzero`. */
const SERVICE_LINK = /_?(SERVICE_HOST|(SERVICE_)?PORT)(_\w+)?$/;

const variables: WeakMap<Option, string> = new WeakMap();

/** An option that a variable can give, too; the command line comes first. */
export function variableOption(
  flags: string,
  description: string,
  name: VariableName,
): Option {
  const variable = `${PREFIX}${name}`;
  const option = new Option(flags, `${description} (env: ${variable})`);
  variables.set(option, variable);
  return option;
}

/** Gives a command the values that the command line has not given. */
export function readVariables(command: Command): void {
  for (const option of command.options) {
    const variable = variables.get(option);
    if (variable === undefined) continue;
    const name = option.attributeName();
    const source = command.getOptionValueSource(name);
    if (source !== undefined && source !== "default") continue;
    const value = valueOf(variable);
    if (value !== undefined) {
      command.setOptionValueWithSource(name, value, "env");
    }
  }
}

/** The value of a variable that is no option's: a secret does not belong on a command line. */
export function variableValue(name: VariableName): string | undefined {
  return valueOf(`${PREFIX}${name}`);
}

/** A line for each variable that looks like one of ours, and is none. */
export function unknownVariables(): string[] {
  if (!isGranted({ name: "env" })) return [];
  return Object.keys(process.env)
    .filter((name) => name.startsWith(PREFIX) && !SERVICE_LINK.test(name))
    .map((name) => name.slice(PREFIX.length))
    .filter((name) => !NAMES.some((known) => known === name))
    .map((name) => {
      const nearest = nearestName(name, NAMES);
      const hint = nearest === undefined
        ? `; there are ${NAMES.map((known) => PREFIX + known).join(", ")}`
        : `; did you mean ${PREFIX}${nearest}?`;
      return `the environment variable ${PREFIX}${name} is unknown${hint}`;
    });
}

/** An empty variable is an unset one: not every shell can unset it. */
function valueOf(variable: string): string | undefined {
  if (!isGranted({ name: "env", variable })) return undefined;
  return process.env[variable] || undefined;
}
