/**
 * Benchmark peers. All that a program over a ZeroMQ module can play.
 *
 * @module
 */
import type { Library } from "../library.ts";
import type { Scene } from "../support.ts";
import { connectionScenes } from "./connections.ts";
import { crowdScenes } from "./crowds.ts";
import { fairnessScenes } from "./fairness.ts";
import { inprocScenes } from "./inproc.ts";
import { memoryScenes } from "./memory.ts";
import { pipelineScenes } from "./pipeline.ts";
import { publishScenes } from "./publish.ts";
import { roundTripScenes } from "./round_trip.ts";

/** The scenes over a library. */
export function allScenes(zmq: Library): Record<string, Scene> {
  return {
    ...pipelineScenes(zmq),
    ...inprocScenes(zmq),
    ...roundTripScenes(zmq),
    ...publishScenes(zmq),
    ...connectionScenes(zmq),
    ...memoryScenes(zmq),
    ...fairnessScenes(zmq),
    ...crowdScenes(zmq),
  };
}
