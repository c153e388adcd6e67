/**
 * Test support. Does what a plan says, to the processes of a run, and notes
 * what it did to whom.
 *
 * Two worker processes at least are left alone at any time, and only one thing
 * at a time is done to the pipeline; what finds no victim waits for one.
 *
 * @module
 */
import type { PipelineClient } from "@agentzero/agentzero/pipeline";
import { eventually, within } from "../../support/deadline.ts";
import { type Cast, CLIENT, type Slot } from "./cast.ts";
import type { Happening } from "./evidence.ts";
import type { Task } from "./flows.ts";
import { note } from "./activity_log.ts";
import type { PlannedEvent } from "./plan.ts";
import type { Settings } from "./settings.ts";

/** So much longer than workers have to claim their jobs the pipeline is stopped. */
const BEYOND_CLAIM_MS = 500;
/** So much longer than the suspicion a worker is stopped, or its lines are stalled. */
const BEYOND_MS = 500;
/** So much longer than its lease one is stopped. */
const BEYOND_LEASE_MS = 1500;
/** How long a victim is waited for. */
const PATIENCE_MS = 60_000;

/** Something that was done, to whomever. */
type Deed = Pick<Happening, "kind" | "deed">;

/** Does mischief. */
export class Mischief {
  /** What was done. */
  readonly happenings: Happening[] = [];
  readonly #cast: Cast;
  readonly #settings: Settings;
  readonly #dir: string;
  /** Submits a job that blocks its worker. */
  readonly #client: PipelineClient;
  readonly #submitBlock: (task: Task) => Promise<string>;
  #deeds = 0;
  #pipelineIsFree: Promise<unknown> = Promise.resolve();

  constructor(
    cast: Cast,
    settings: Settings,
    dir: string,
    client: PipelineClient,
    submitBlock: (task: Task) => Promise<string>,
  ) {
    this.#cast = cast;
    this.#settings = settings;
    this.#dir = dir;
    this.#client = client;
    this.#submitBlock = submitBlock;
  }

  /** Does one thing; resolves once its consequences are repaired. */
  perform({ kind, lot }: PlannedEvent): Promise<void> {
    const { suspectMs, leaseMs } = this.#settings;
    const beyondMs = suspectMs + BEYOND_MS + lot % 500;
    const deed = { kind, deed: this.#deeds++ };
    switch (kind) {
      case "kill-worker":
        return this.#withSlot(lot, (slot) => this.#killWorker(deed, slot));
      case "kill-pipeline":
        return this.#withPipeline(() => this.#killPipeline(deed));
      case "kill-both":
        return this.#withPipeline(() =>
          this.#withSlot(lot, async (slot) => {
            await Promise.all([
              this.#killWorker(deed, slot),
              this.#killPipeline(deed),
            ]);
          })
        );
      case "stop-worker":
        return this.#withSlot(lot, (slot) => this.#stop(deed, slot, beyondMs));
      case "stop-long": {
        const stop = () =>
          this.#withSlot(
            lot,
            (slot) => this.#stop(deed, slot, leaseMs + BEYOND_LEASE_MS),
          );
        // A pipeline that is restarted, or cut off, meanwhile knows of no lease.
        return lot % 2 === 0 ? this.#withPipeline(stop) : stop();
      }
      case "stop-pipeline":
        return this.#withPipeline(() => this.#stopPipeline(deed));
      case "cut":
        return this.#withSlot(
          lot,
          (slot) =>
            this.#during(deed, [slot.worker.name], async () => {
              await this.#cast.relay.cut(slot.cable);
            }),
        );
      case "cut-all":
        return this.#withPipeline(() => this.#cutAll(deed));
      case "refuse":
        return this.#withSlot(
          lot,
          (slot) =>
            this.#during(deed, [slot.worker.name], async () => {
              await this.#cast.relay.refuse(slot.cable, true);
              await pause(100 + lot % 1400);
              await this.#cast.relay.refuse(slot.cable, false);
            }),
        );
      case "stall":
        return this.#withSlot(
          lot,
          (slot) =>
            this.#during(deed, [slot.worker.name], async () => {
              await this.#cast.relay.stall(slot.cable, true);
              await pause(beyondMs);
              await this.#cast.relay.stall(slot.cable, false);
            }),
        );
      case "block":
        return this.#withPipeline(() => this.#block(deed));
    }
  }

  async #killWorker(deed: Deed, slot: Slot): Promise<void> {
    const { name, program } = slot.worker;
    await this.#during(deed, [name], async () => {
      program.kill("SIGKILL");
      await program.ended;
    });
    await this.#cast.replace(slot);
  }

  async #killPipeline(deed: Deed): Promise<void> {
    await this.#during(deed, ["pipeline"], async () => {
      this.#cast.pipeline.kill("SIGKILL");
      await this.#cast.pipeline.ended;
      await this.#cast.startPipeline();
    });
  }

  async #stop(deed: Deed, slot: Slot, ms: number): Promise<void> {
    const { name, program } = slot.worker;
    await this.#during(deed, [name], async () => {
      program.kill("SIGSTOP");
      await pause(ms);
      program.kill("SIGCONT");
    });
  }

  async #stopPipeline(deed: Deed): Promise<void> {
    const { pipeline } = this.#cast;
    await this.#during(deed, ["pipeline"], async () => {
      pipeline.kill("SIGSTOP");
      await pause(this.#settings.claimMs + BEYOND_CLAIM_MS);
      pipeline.kill("SIGCONT");
    });
  }

  async #cutAll(deed: Deed): Promise<void> {
    const { relay, slots } = this.#cast;
    const names = slots.map(({ worker }) => worker.name);
    await this.#during(deed, ["pipeline", ...names], async () => {
      await Promise.all(
        [CLIENT, ...slots.map(({ cable }) => cable)].map((one) =>
          relay.cut(one)
        ),
      );
    });
  }

  /** A handler blocks its event loop, and nothing else is done to its worker or the pipeline. */
  async #block(deed: Deed): Promise<void> {
    const id = await this.#submitBlock({
      n: 0,
      blockMs: this.#settings.blockMs,
    });
    let slot: Slot | undefined;
    await eventually(
      async () => {
        const [job] = (await this.#client.status(id)).jobs;
        const name = this.#cast.workers.get(job?.worker ?? "");
        slot = this.#cast.slots.find(({ worker }) => worker.name === name);
        return slot !== undefined || job?.state === "completed";
      },
      PATIENCE_MS,
      "a worker that blocks",
    );
    if (slot === undefined) return;
    const wasInTrouble = slot.isInTrouble;
    slot.isInTrouble = true;
    await this.#during(deed, [slot.worker.name], async () => {
      await within(this.#client.result(id), PATIENCE_MS, "the end of a block");
    });
    slot.isInTrouble = wasInTrouble;
  }

  async #during(
    deed: Deed,
    processes: readonly string[],
    act: () => Promise<void>,
  ): Promise<void> {
    const from = Date.now();
    note(this.#dir, { at: from, ...deed, processes });
    await act();
    const to = Date.now();
    for (const process of processes) {
      this.happenings.push({ ...deed, process, from, to });
    }
  }

  /** Takes a worker process that is left alone, once there are two. */
  async #withSlot(
    lot: number,
    act: (slot: Slot) => Promise<void>,
  ): Promise<void> {
    const free = await eventually(
      () => {
        const free = this.#cast.slots.filter(({ worker, isInTrouble }) =>
          worker.isJoined && !isInTrouble
        );
        return free.length > 1 ? free : undefined;
      },
      PATIENCE_MS,
      "a worker that is left alone",
    );
    const slot = free[lot % free.length]!;
    slot.isInTrouble = true;
    await act(slot);
    slot.isInTrouble = false;
  }

  #withPipeline(act: () => Promise<void>): Promise<void> {
    const done = this.#pipelineIsFree.then(act);
    this.#pipelineIsFree = done.catch(() => {}); // the caller gets the error
    return done;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
