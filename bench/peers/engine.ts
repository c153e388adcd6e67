/** Benchmark peer over this project's engine; every runtime runs it. */
import * as zmq from "../../src/zmq/mod.ts";
import { inprocTryScenes } from "./scenes/inproc_try.ts";
import { managerScenes } from "./scenes/manager.ts";
import { allScenes } from "./scenes/mod.ts";
import { play } from "./support.ts";

await play({ ...allScenes(zmq), ...inprocTryScenes(), ...managerScenes() });
