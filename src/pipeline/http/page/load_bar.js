/**
 * How much of what is there is busy: a bar, and the numbers.
 *
 * @module
 */
import { h, setText } from "./dom.js";

export function loadBar() {
  const fill = h("span", { class: "fill" });
  const text = h("span", { class: "load-text" });
  const element = h(
    "span",
    { class: "load" },
    h("span", { class: "track", attributes: { "aria-hidden": "true" } }, fill),
    text,
  );
  return {
    element,
    /**
     * @param {number} running
     * @param {number} slots
     * @param {boolean} hasNoWorkers
     */
    update(running, slots, hasNoWorkers) {
      const part = slots === 0 ? 0 : Math.min(1, running / slots);
      fill.style.setProperty("inline-size", `${part * 100}%`);
      setText(text, hasNoWorkers ? "no worker" : `${running} of ${slots}`);
      element.classList.toggle("no-workers", hasNoWorkers);
    },
  };
}
