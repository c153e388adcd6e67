/** The contract of stores, for one that answers with promises. */
import { memoryStore } from "../../../src/pipeline/store/memory_store.ts";
import { testStore } from "./contract.ts";
import { SlowStore } from "./slow_store.ts";

testStore({
  name: "behind a network",
  create: () => new SlowStore(memoryStore()),
  again: (store) => store,
});
