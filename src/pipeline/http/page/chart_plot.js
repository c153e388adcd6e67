/**
 * The throughput chart for given data and a given width: where each point is,
 * and the SVG elements that show it.
 *
 * @module
 */
import { svg } from "./dom.js";
import { rate } from "./format.js";

/** @typedef {{ since: number, ends_at: number, completed: number[], failed: number[] }} Throughput */

/** How many seconds one point sums up. */
export const STEP = 5;
export const HEIGHT = 168;
const TOP = 10;
const BOTTOM = 24;
const LEFT = 44;
const RIGHT = 12;

/** The points of the chart, and where they are in the drawing. */
export class Plot {
  /**
   * @param {Throughput} data
   * @param {number} width In pixels.
   */
  constructor(data, width) {
    this.data = data;
    this.width = width;
    this.completed = summed(data.completed, data.ends_at);
    this.failed = summed(data.failed, data.ends_at);
    this.innerWidth = Math.max(1, width - LEFT - RIGHT);
    /** The value at the upper end of the scale. */
    this.top = niceTop(Math.max(1, ...this.completed, ...this.failed));
  }

  /** The index of the last point. */
  get last() {
    return this.completed.length - 1;
  }

  /** The index of the first point that counts: there are no counts before it. */
  get first() {
    const ageSeconds = (this.data.ends_at - this.data.since) / 1000;
    return Math.max(0, this.last - Math.ceil(ageSeconds / STEP));
  }

  /** @param {number} i */
  x(i) {
    return LEFT + this.innerWidth * (this.last < 1 ? 1 : i / this.last);
  }

  /** @param {number} value */
  y(value) {
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / this.top);
  }

  /**
   * The index of the point nearest to `x`, which may lie outside of the curve.
   *
   * @param {number} x
   */
  indexAt(x) {
    return Math.round((x - LEFT) / this.innerWidth * this.last);
  }

  /**
   * The time of a point, in milliseconds since 1970.
   *
   * @param {number} i
   */
  timeOf(i) {
    return this.data.ends_at - (this.last - i) * STEP * 1000;
  }
}

/**
 * The content of the drawing.
 *
 * @param {Plot} plot
 * @param {number | undefined} at Which point the cursor is at, if it is shown.
 */
export function plotElements(plot, at) {
  return [
    ...scale(plot),
    ...minutes(plot),
    ...curves(plot),
    ...at === undefined ? [] : cursor(plot, at),
  ];
}

/** @param {Plot} plot */
function scale(plot) {
  return [0, plot.top / 2, plot.top].flatMap((value) => {
    const y = plot.y(value);
    const line = { x1: LEFT, x2: plot.width - RIGHT, y1: y, y2: y };
    return [
      svg("line", { class: value === 0 ? "base" : "grid", ...line }),
      svg(
        "text",
        { x: LEFT - 8, y: y + 4, "text-anchor": "end" },
        rate(value),
      ),
    ];
  });
}

/** @param {Plot} plot */
function minutes(plot) {
  const parts = [];
  const count = Math.round(plot.data.completed.length / 60);
  const every = plot.innerWidth < 360 ? 2 : 1;
  for (let back = 0; back <= count; back += every) {
    const place = {
      x: Math.max(LEFT, plot.x(plot.last - (back * 60) / STEP)),
      y: HEIGHT - BOTTOM + 17,
      "text-anchor": back === 0 ? "end" : "middle",
    };
    parts.push(svg("text", place, back === 0 ? "now" : `−${back} min`));
  }
  return parts;
}

/** @param {Plot} plot */
function curves(plot) {
  const { completed, failed, first, last } = plot;
  const line = points(plot, completed);
  const base = `${plot.x(last)},${plot.y(0)} ${plot.x(first)},${plot.y(0)}`;
  const parts = [
    svg("polygon", { class: "area completed", points: `${line} ${base}` }),
    svg("polyline", { class: "line completed", points: line }),
  ];
  if (failed.some((value) => value > 0)) {
    parts.push(
      svg("polyline", { class: "line failed", points: points(plot, failed) }),
    );
  }
  return parts;
}

/**
 * @param {Plot} plot
 * @param {number} at
 */
function cursor(plot, at) {
  const x = plot.x(at);
  const line = { x1: x, x2: x, y1: TOP, y2: HEIGHT - BOTTOM };
  return [
    svg("line", { class: "cursor", ...line }),
    dot(x, plot.y(plot.completed[at] ?? 0), "completed"),
    dot(x, plot.y(plot.failed[at] ?? 0), "failed"),
  ];
}

/**
 * @param {Plot} plot
 * @param {number[]} values
 */
function points(plot, values) {
  const { first } = plot;
  return values.slice(first).map((value, i) =>
    `${plot.x(first + i).toFixed(1)},${plot.y(value).toFixed(1)}`
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
 * The means of groups of seconds; one point without any seconds. Groups are
 * aligned to the clock, not to the last second, so that the curve moves without
 * changing its shape.
 *
 * @param {number[]} seconds
 * @param {number} endsAt
 */
function summed(seconds, endsAt) {
  if (seconds.length === 0) return [0];
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
