/**
 * The filter of the list of jobs: a group of states, a step, the key of the flow,
 * and a text to search for.
 *
 * @module
 */
import { byId, h } from "./dom.js";
import { GROUPS } from "./states.js";

/** How long after the last key a search begins, in milliseconds. */
const PAUSE_MS = 300;

/** What is chosen, and the elements to choose it with. */
export class JobFilter {
  #group = "all";
  #types = /** @type {HTMLSelectElement} */ (byId("job-type"));
  #key = /** @type {HTMLInputElement} */ (byId("job-key"));
  #text = /** @type {HTMLInputElement} */ (byId("job-text"));
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
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    for (const field of [this.#key, this.#text]) {
      field.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(changed, PAUSE_MS);
      });
    }
    byId("filter").addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(timer);
      changed();
    });
  }

  /** The chosen states; all, where the list is empty. */
  get states() {
    return GROUPS.find(({ id }) => id === this.#group)?.states ?? [];
  }

  /** The job type of the chosen step; empty for all. */
  get jobType() {
    return this.#types.value;
  }

  /** The key of the flow; empty for any. */
  get key() {
    return this.#key.value;
  }

  /** The text to search for; empty for none. */
  get text() {
    return this.#text.value;
  }

  /** @param {{ group: string, jobType: string }} choice */
  set({ group, jobType }) {
    this.#group = group;
    this.#key.value = this.#text.value = "";
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
