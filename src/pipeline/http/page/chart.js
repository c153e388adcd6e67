/**
 * The throughput chart: an SVG that is drawn here. A cursor shows the figures at
 * one time; it follows the pointer, and the arrow keys like a slider.
 *
 * @module
 */
import { h, setAttribute, setText, svg } from "./dom.js";
import { clock, rate } from "./format.js";

/** @typedef {{ since: number, ends_at: number, completed: number[], failed: number[] }} Throughput */

/** How many seconds one point sums up. */
const STEP = 5;
const HEIGHT = 168;
const TOP = 10;
const BOTTOM = 24;
const LEFT = 44;
const RIGHT = 12;

/** @param {HTMLElement} place */
export function throughputChart(place) {
  const drawing = svg("svg", { "aria-hidden": "true", height: HEIGHT });
  const tip = h("div", { class: "tip", attributes: { hidden: true } });
  place.replaceChildren(drawing, tip);
  /** @type {Throughput} */
  let data = { since: 0, ends_at: Date.now(), completed: [], failed: [] };
  let completed = [0];
  let failed = [0];
  /** Which point the cursor is at; the last one, where it is absent.
   * @type {number | undefined} */
  let at;
  let width = 0;

  const inner = () => Math.max(1, width - LEFT - RIGHT);
  const count = () => completed.length;
  /** @param {number} i */
  const x = (i) => LEFT + inner() * (count() < 2 ? 1 : i / (count() - 1));
  const top = () => niceTop(Math.max(1, ...completed, ...failed));
  /** @param {number} value */
  const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top());

  const draw = () => {
    if (width === 0) return;
    drawing.setAttribute("width", String(width));
    const parts = [...grid(), ...curves(), ...cursor()];
    drawing.replaceChildren(...parts);
    describe();
  };

  const grid = () => {
    const parts = [];
    const middle = HEIGHT - BOTTOM;
    for (const value of [0, top() / 2, top()]) {
      const line = { x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) };
      parts.push(
        svg("line", { class: value === 0 ? "base" : "grid", ...line }),
        svg(
          "text",
          { x: LEFT - 8, y: y(value) + 4, "text-anchor": "end" },
          rate(value),
        ),
      );
    }
    const minutes = Math.round(data.completed.length / 60);
    const every = inner() < 360 ? 2 : 1;
    for (let back = 0; back <= minutes; back += every) {
      const i = count() - 1 - (back * 60) / STEP;
      const left = Math.max(LEFT, x(i));
      parts.push(
        svg("text", {
          x: left,
          y: middle + 17,
          "text-anchor": back === 0 ? "end" : "middle",
        }, back === 0 ? "now" : `−${back} min`),
      );
    }
    return parts;
  };

  const curves = () => {
    const ageSeconds = (data.ends_at - data.since) / 1000;
    // There are no counts before that.
    const first = Math.max(0, count() - 1 - Math.ceil(ageSeconds / STEP));
    const line = points(completed, first, x, y);
    const base = `${x(count() - 1)},${y(0)} ${x(first)},${y(0)}`;
    const parts = [
      svg("polygon", { class: "area completed", points: `${line} ${base}` }),
      svg("polyline", { class: "line completed", points: line }),
    ];
    if (failed.some((value) => value > 0)) {
      parts.push(
        svg("polyline", {
          class: "line failed",
          points: points(failed, first, x, y),
        }),
      );
    }
    return parts;
  };

  const cursor = () => {
    if (at === undefined) return [];
    const left = x(at);
    return [
      svg("line", {
        class: "cursor",
        x1: left,
        x2: left,
        y1: TOP,
        y2: HEIGHT - BOTTOM,
      }),
      dot(left, y(completed[at] ?? 0), "completed"),
      dot(left, y(failed[at] ?? 0), "failed"),
    ];
  };

  const describe = () => {
    const i = at ?? count() - 1;
    const when = clock(data.ends_at - (count() - 1 - i) * STEP * 1000);
    const text = `${when}: ${rate(completed[i] ?? 0)} completed, ${
      rate(failed[i] ?? 0)
    } failed a second`;
    setAttribute(place, "aria-valuemin", 0);
    setAttribute(place, "aria-valuemax", count() - 1);
    setAttribute(place, "aria-valuenow", i);
    setAttribute(place, "aria-valuetext", text);
    tip.hidden = at === undefined;
    if (at === undefined) return;
    setText(tip, text);
    const left = x(at);
    tip.classList.toggle("left", left > width / 2);
    tip.style.setProperty("inset-inline-start", `${left}px`);
  };

  /** @param {number | undefined} i */
  const move = (i) => {
    at = i === undefined ? undefined : Math.min(count() - 1, Math.max(0, i));
    draw();
  };
  place.addEventListener("pointermove", ({ clientX }) => {
    const part = (clientX - place.getBoundingClientRect().left - LEFT) /
      inner();
    move(Math.round(part * (count() - 1)));
  });
  place.addEventListener("pointerleave", () => move(undefined));
  place.addEventListener("blur", () => move(undefined));
  place.addEventListener("keydown", (event) => {
    const now = at ?? count() - 1;
    const next = {
      ArrowLeft: now - 1,
      ArrowDown: now - 1,
      ArrowRight: now + 1,
      ArrowUp: now + 1,
      PageDown: now - 60 / STEP,
      PageUp: now + 60 / STEP,
      Home: 0,
      End: count() - 1,
    }[event.key];
    if (next !== undefined) move(next);
    else if (event.key === "Escape") move(undefined);
    else return;
    event.preventDefault();
  });
  new ResizeObserver(([entry]) => {
    width = Math.floor(entry?.contentRect.width ?? 0);
    draw();
  }).observe(place);

  /** @param {Throughput} next */
  return (next) => {
    data = next;
    completed = summed(next.completed, next.ends_at);
    failed = summed(next.failed, next.ends_at);
    draw();
  };
}

/**
 * The means of groups of seconds. Groups are aligned to the clock, not to the last
 * second, so that the curve moves without changing its shape.
 *
 * @param {number[]} seconds
 * @param {number} endsAt
 */
function summed(seconds, endsAt) {
  const over = Math.floor(endsAt / 1000) % STEP;
  const whole = seconds.slice(0, seconds.length - over);
  const points = [];
  for (let end = whole.length; end > 0; end -= STEP) {
    const part = whole.slice(Math.max(0, end - STEP), end);
    points.unshift(part.reduce((sum, value) => sum + value, 0) / part.length);
  }
  return points;
}

/**
 * @param {number[]} values
 * @param {number} first Which of them is the first that counts.
 * @param {(i: number) => number} x
 * @param {(value: number) => number} y
 */
function points(values, first, x, y) {
  return values.slice(first).map((value, i) =>
    `${x(first + i).toFixed(1)},${y(value).toFixed(1)}`
  ).join(" ");
}

/**
 * @param {number} cx
 * @param {number} cy
 * @param {string} of
 */
function dot(cx, cy, of) {
  return svg("circle", { class: `dot ${of}`, cx, cy, r: 4 });
}

/**
 * The next of a few round numbers, so that the scale changes rarely.
 *
 * @param {number} value
 */
function niceTop(value) {
  const unit = 10 ** Math.floor(Math.log10(value));
  const factor =
    [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((one) => one * unit >= value) ?? 10;
  return factor * unit;
}
