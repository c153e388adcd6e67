/**
 * Layer: cli. Options that can also be given by an environment variable. A
 * variable that Deno does not permit to read counts as unset, without a prompt.
 *
 * @module
 */
import { type Command, Option } from "commander";
import process from "node:process";
import { isGranted } from "../util/deno_permission.ts";
import { nearestName } from "../zmq/nearest_name.ts";

const PREFIX = "AGENTZERO_";

/** The known variables, without their prefix. */
const NAMES = [
  "PIPELINE",
  "KEYS",
  "SERVER_KEY",
  "TOKEN",
  "DASHBOARD_TOKEN",
] as const;

/** The name of a variable, without its prefix. */
export type VariableName = typeof NAMES[number];

/** Variables that Kubernetes sets for a service whose name begins with `agentzero`. */
const SERVICE_LINK = /_?(SERVICE_HOST|(SERVICE_)?PORT)(_\w+)?$/;

const variables: WeakMap<Option, string> = new WeakMap();

/** An option that can also be given by a variable; the command line takes precedence. */
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

/** Sets the options of a command that the command line does not set. */
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

/** The value of a variable without an option: a secret does not belong on a command line. */
export function variableValue(name: VariableName): string | undefined {
  return valueOf(`${PREFIX}${name}`);
}

/** A warning for each unknown variable with our prefix. */
export function unknownVariables(): string[] {
  if (!isGranted({ name: "env" })) return [];
  return Object.keys(process.env)
    .filter((name) => name.startsWith(PREFIX) && !SERVICE_LINK.test(name))
    .map((name) => name.slice(PREFIX.length))
    .filter((name) => !NAMES.some((known) => known === name))
    .map((name) => {
      const nearest = nearestName(name, NAMES);
      const hint = nearest === undefined
        ? `; known variables: ${
          NAMES.map((known) => PREFIX + known).join(", ")
        }`
        : `; did you mean ${PREFIX}${nearest}?`;
      return `the environment variable ${PREFIX}${name} is unknown${hint}`;
    });
}

/** An empty variable counts as unset: not every shell can unset it. */
function valueOf(variable: string): string | undefined {
  if (!isGranted({ name: "env", variable })) return undefined;
  return process.env[variable] || undefined;
}
