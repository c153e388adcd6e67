/**
 * The throughput chart: an SVG that is drawn here. A cursor shows the figures at
 * one time; it follows the pointer, and the arrow keys like a slider.
 *
 * @module
 */
import { HEIGHT, Plot, plotElements, STEP } from "./chart_plot.js";
import { h, setAttribute, setText, svg } from "./dom.js";
import { clock, rate } from "./format.js";

/** @typedef {import("./chart_plot.js").Throughput} Throughput */

/** @param {HTMLElement} place */
export function throughputChart(place) {
  const drawing = svg("svg", { "aria-hidden": "true", height: HEIGHT });
  const tip = h("div", { class: "tip", attributes: { hidden: true } });
  place.replaceChildren(drawing, tip);
  let plot = new Plot(
    { since: 0, ends_at: Date.now(), completed: [], failed: [] },
    0,
  );
  /** Which point the cursor is at; the last one, where it is absent.
   * @type {number | undefined} */
  let at;

  const draw = () => {
    if (plot.width === 0) return;
    drawing.setAttribute("width", String(plot.width));
    drawing.replaceChildren(...plotElements(plot, at));
    describe(place, tip, plot, at);
  };
  /** @param {number | undefined} i */
  const move = (i) => {
    at = i === undefined ? undefined : Math.min(plot.last, Math.max(0, i));
    draw();
  };
  /** @param {Plot} next */
  const show = (next) => {
    plot = next;
    draw();
  };

  place.addEventListener("pointermove", ({ clientX }) => {
    move(plot.indexAt(clientX - place.getBoundingClientRect().left));
  });
  place.addEventListener("pointerleave", () => move(undefined));
  place.addEventListener("blur", () => move(undefined));
  place.addEventListener("keydown", (event) => {
    const next = indexOfKey(event.key, at ?? plot.last, plot.last);
    if (next === undefined && event.key !== "Escape") return;
    move(next);
    event.preventDefault();
  });
  new ResizeObserver(([entry]) => {
    const width = Math.floor(entry?.contentRect.width ?? 0);
    show(new Plot(plot.data, width));
  }).observe(place);

  return (/** @type {Throughput} */ data) => show(new Plot(data, plot.width));
}

/**
 * Where a key moves the cursor, which may be outside of the curve; `undefined`
 * for other keys.
 *
 * @param {string} key
 * @param {number} now
 * @param {number} last
 */
function indexOfKey(key, now, last) {
  return {
    ArrowLeft: now - 1,
    ArrowDown: now - 1,
    ArrowRight: now + 1,
    ArrowUp: now + 1,
    PageDown: now - 60 / STEP,
    PageUp: now + 60 / STEP,
    Home: 0,
    End: last,
  }[key];
}

/**
 * Puts the figures at the cursor into the tip, and into words for screen
 * readers.
 *
 * @param {HTMLElement} place
 * @param {HTMLElement} tip
 * @param {Plot} plot
 * @param {number | undefined} at
 */
function describe(place, tip, plot, at) {
  const i = at ?? plot.last;
  const completed = rate(plot.completed[i] ?? 0);
  const failed = rate(plot.failed[i] ?? 0);
  const text = `${
    clock(plot.timeOf(i))
  }: ${completed} completed, ${failed} failed a second`;
  setAttribute(place, "aria-valuemin", 0);
  setAttribute(place, "aria-valuemax", plot.last);
  setAttribute(place, "aria-valuenow", i);
  setAttribute(place, "aria-valuetext", text);
  tip.hidden = at === undefined;
  if (at === undefined) return;
  setText(tip, text);
  const left = plot.x(at);
  tip.classList.toggle("left", left > plot.width / 2);
  tip.style.setProperty("inset-inline-start", `${left}px`);
}
