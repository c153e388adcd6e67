/**
 * Layer: cli. Finds the definition of a pipeline, or steps, in the exports of a
 * module. They are recognized by their shape, because the module may use another
 * copy of this library.
 *
 * @module
 */
import { basename, extname } from "node:path";
import type { AnyStep, Flow, PipelineOptions } from "../pipeline/mod.ts";
import { unusable } from "./load_module.ts";

type Module = Readonly<Record<string, unknown>>;
type AnyFlow = Flow<never, unknown>;

/**
 * The definition of a pipeline: the default export of a module.
 *
 * @param path The path of the module, for messages, and for the default name.
 * @throws {CliError} `ERR_CLI_MODULE`.
 */
export function definitionOf(module: Module, path: string): PipelineOptions {
  const found = module.default;
  const name = basename(path, extname(path));
  if (isStep(found)) return { name, steps: [found] };
  if (isFlow(found)) return { name, flows: [found] };
  if (Array.isArray(found)) {
    if (found.every(isStep)) return { name, steps: found };
    if (found.every(isFlow)) return { name, flows: found };
  } else if (isObject(found) && !("listen" in found)) {
    if ("steps" in found || "flows" in found) {
      return { name, ...found } as PipelineOptions;
    }
  }
  const hint = isObject(found) && "listen" in found
    ? "a Pipeline; export its options instead"
    : found === undefined
    ? "nothing as default"
    : "something else as default";
  throw unusable(
    `"${path}" exports ${hint}: expected { name, steps } or { name, flows }, a list of steps that follow each other, or a list of flows`,
  );
}

/**
 * The steps that a module exports, by job type: directly, in arrays, in flows,
 * and in the definition of a pipeline.
 *
 * @throws {CliError} `ERR_CLI_MODULE` if two steps have one job type.
 */
export function stepsOf(module: Module, path: string): Map<string, AnyStep> {
  const steps = new Map<string, AnyStep>();
  const add = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(add);
    if (isFlow(value)) return [...value.steps.values()].forEach(add);
    if (isStep(value)) {
      if ((steps.get(value.jobType) ?? value) !== value) {
        throw unusable(
          `"${path}" exports two steps of the job type "${value.jobType}"`,
        );
      }
      return void steps.set(value.jobType, value);
    }
  };
  for (const value of Object.values(module)) {
    add(value);
    if (!isObject(value)) continue;
    add(value.steps);
    add(value.flows);
  }
  return steps;
}

function isStep(value: unknown): value is AnyStep {
  return isObject(value) && typeof value.jobType === "string" &&
    typeof value.handler === "function" && typeof value.run === "function";
}

function isFlow(value: unknown): value is AnyFlow {
  return isObject(value) && typeof value.name === "string" &&
    Array.isArray(value.graph) && value.steps instanceof Map;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
