/** Benchmark peer over npm:zeromq, with the very scenes of engine.ts; Node runs it. */
import * as zeromq from "zeromq";
import type { Library } from "./library.ts";
import { allScenes } from "./scenes/mod.ts";
import { play } from "./support.ts";

await play(allScenes(zeromq as unknown as Library));
