/**
 * Layer: pipeline/store/postgres. Flows by id: all that are asked for while the
 * last query is under way are read by the next one. A pipeline looks for the id
 * of each submission, so they are many.
 *
 * @module
 */
import { withResolvers } from "../../../async/promises.ts";
import type { FlowRecord } from "../../model/records.ts";

/** How many ids one query looks for. */
const MAX_IDS = 500;

/** An id that is looked for. */
interface Wanted {
  readonly id: string;
  readonly resolve: (flow: FlowRecord | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Reads flows, by id. Each call gives new records. */
export type ReadFlows = (
  ids: readonly string[],
) => Promise<ReadonlyMap<string, () => FlowRecord>>;

/** Looks for flows. */
export class FlowLookup {
  readonly #read: ReadFlows;
  #wanted: Wanted[] = [];
  #isBusy = false;

  constructor(read: ReadFlows) {
    this.#read = read;
  }

  /** The flow with this id, as it is after all that was committed before the call. */
  find(id: string): Promise<FlowRecord | undefined> {
    const { promise, resolve, reject } = withResolvers<
      FlowRecord | undefined
    >();
    this.#wanted.push({ id, resolve, reject });
    if (!this.#isBusy) {
      this.#isBusy = true;
      // What else is asked for in this turn of the event loop is read with it.
      queueMicrotask(() => this.#readAll());
    }
    return promise;
  }

  async #readAll(): Promise<void> {
    while (this.#wanted.length > 0) {
      const wanted = this.#wanted.splice(0, MAX_IDS);
      try {
        const ids = [...new Set(wanted.map(({ id }) => id))];
        const flows = await this.#read(ids);
        for (const { id, resolve } of wanted) resolve(flows.get(id)?.());
      } catch (error) {
        for (const { reject } of wanted) reject(error);
      }
    }
    this.#isBusy = false;
  }
}
