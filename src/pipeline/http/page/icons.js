/**
 * Icons, 16 by 16. Each stands beside a word, or in a button with a label, so that
 * no icon is the only information.
 *
 * @module
 */
import { svg } from "./dom.js";

/** @type {Record<string, string>} */
const PATHS = {
  scheduled: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M8 5v3.2l2 1.6",
  waiting: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11",
  dispatched: "M3 8h9M8.5 4.5 12 8l-3.5 3.5",
  active: "M5 3.5 12.5 8 5 12.5z",
  retrying: "M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3",
  completed: "M3 8.5 6.5 12 13 4.5",
  dead: "M4 4l8 8M12 4l-8 8",
  cancelled: "M3.5 8h9",
  warning: "M8 2.5 14 13H2zM8 6.5v3M8 11.2v.1",
  sun:
    "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
  moon: "M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5",
};

/**
 * @param {string} name
 * @returns {SVGElement}
 */
export function icon(name) {
  return svg(
    "svg",
    { class: `icon ${name}`, viewBox: "0 0 16 16", "aria-hidden": "true" },
    svg("path", { d: PATHS[name] ?? PATHS["waiting"] ?? "" }),
  );
}
