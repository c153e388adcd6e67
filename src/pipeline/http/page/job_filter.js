/**
 * The filter of the list of jobs: a group of states, and a step.
 *
 * @module
 */
import { byId, h } from "./dom.js";
import { GROUPS } from "./states.js";

/** What is chosen, and the elements to choose it with. */
export class JobFilter {
  #group = "all";
  #types = /** @type {HTMLSelectElement} */ (byId("job-type"));
  /** @type {HTMLInputElement[]} */
  #chips;

  /** @param {() => void} changed Called when a person has changed it. */
  constructor(changed) {
    this.#chips = GROUPS.map(({ id, text }) => {
      const input = /** @type {HTMLInputElement} */ (h("input", {
        attributes: { type: "radio", name: "state", value: id },
        on: {
          change: () => {
            this.#group = id;
            changed();
          },
        },
      }));
      input.checked = id === this.#group;
      byId("states").append(h("label", { class: "chip" }, input, text));
      return input;
    });
    this.#types.addEventListener("change", changed);
    byId("filter").addEventListener(
      "submit",
      (event) => event.preventDefault(),
    );
  }

  /** The chosen states; all, where the list is empty. */
  get states() {
    return GROUPS.find(({ id }) => id === this.#group)?.states ?? [];
  }

  /** The job type of the chosen step; empty for all. */
  get jobType() {
    return this.#types.value;
  }

  /** @param {{ group: string, jobType: string }} choice */
  set({ group, jobType }) {
    this.#group = group;
    for (const chip of this.#chips) chip.checked = chip.value === group;
    this.#types.value = jobType;
  }

  /**
   * Offers these steps too.
   *
   * @param {{ job_type: string }[]} steps
   */
  offer(steps) {
    fillTypes(this.#types, steps);
  }
}

/**
 * Fills the choice of steps; the selection stays.
 *
 * @param {HTMLSelectElement} select
 * @param {{ job_type: string }[]} steps
 */
export function fillTypes(select, steps) {
  const known = new Set([...select.options].map(({ value }) => value));
  for (const { job_type: jobType } of steps) {
    if (known.has(jobType)) continue;
    select.append(h("option", { attributes: { value: jobType } }, jobType));
  }
}
