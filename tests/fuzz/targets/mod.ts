/**
 * Test support. All that is fuzzed, and how much of it: what is cheap gets most
 * of the inputs. The shares make 1,000.
 *
 * @module
 */
import type { Target } from "../target.ts";
import { connectionTarget } from "./connection.ts";
import { httpTarget } from "./http.ts";
import { middleTarget } from "./middle.ts";
import { parsersTarget } from "./parsers.ts";
import { pipelineTarget } from "./pipeline.ts";
import { serializersTarget } from "./serializers.ts";
import { sessionTarget } from "./session.ts";
import { wsTarget } from "./ws.ts";
import { zapTarget } from "./zap.ts";

/** Makes every target. */
export function allTargets(): Target[] {
  return [
    connectionTarget("null", ["null", "null-asking"], 560),
    connectionTarget("plain", ["plain-server", "plain-client"], 110),
    connectionTarget("curve", ["curve-server", "curve-client"], 8),
    middleTarget(2),
    sessionTarget(8),
    wsTarget(20),
    zapTarget(25),
    parsersTarget(180),
    serializersTarget(67),
    pipelineTarget(8),
    httpTarget(12),
  ];
}

/**
 * The target of a name.
 *
 * @throws {RangeError} There is none.
 */
export function targetOf(name: string): Target {
  const all = allTargets();
  const found = all.find((target) => target.name === name);
  if (found !== undefined) return found;
  const names = all.map((target) => target.name).join(", ");
  throw new RangeError(`There is no target "${name}": use ${names}`);
}
