/**
 * Formats times, numbers and values.
 *
 * @module
 */

const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const DATE = new Intl.DateTimeFormat(undefined, {
  dateStyle: "medium",
  timeStyle: "medium",
});
const WHOLE = new Intl.NumberFormat();
const SHORT = new Intl.NumberFormat(undefined, {
  notation: "compact",
  maximumFractionDigits: 1,
});

/** @param {number} value */
export function whole(value) {
  return value < 100_000 ? WHOLE.format(value) : SHORT.format(value);
}

/** @param {number} value A second. */
export function rate(value) {
  if (value === 0) return "0";
  return value < 10 ? value.toFixed(1) : whole(Math.round(value));
}

/** @param {number} at */
export function clock(at) {
  return isTime(at) ? CLOCK.format(at) : "–";
}

/** @param {number} at */
export function date(at) {
  return isTime(at) ? DATE.format(at) : "–";
}

/**
 * Whether a `Date` can represent the time: a delay of 2^53 ms is beyond it.
 *
 * @param {number} at
 */
function isTime(at) {
  return !Number.isNaN(new Date(at).getTime());
}

/**
 * The URL of a job on this page. Ids come from peers, and a lone surrogate cannot
 * be encoded.
 *
 * @param {string} id
 */
export function jobHref(id) {
  return `#job=${encodeURIComponent(id.toWellFormed())}`;
}

/** @param {number | undefined} ms */
export function duration(ms) {
  if (ms === undefined) return "–";
  if (ms < 1) return "< 1 ms";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/**
 * How long ago, in one unit.
 *
 * @param {number} at
 * @param {number} now
 */
export function ago(at, now) {
  const seconds = Math.round((now - at) / 1000);
  if (seconds < 1) return "now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/**
 * How long until then, in one unit.
 *
 * @param {number} at
 * @param {number} now
 */
export function until(at, now) {
  const seconds = Math.round((at - now) / 1000);
  if (seconds < 1) return "now";
  if (seconds < 60) return `in ${seconds} s`;
  if (seconds < 3600) return `in ${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `in ${Math.floor(seconds / 3600)} h`;
  return `in ${Math.floor(seconds / 86_400)} d`;
}

/** The longest payload that is shown whole, in characters. */
const MAX_SHOWN = 100_000;

/**
 * A payload as indented JSON.
 *
 * @param {unknown} value
 */
export function payload(value) {
  const text = JSON.stringify(value, null, 2) ?? "";
  if (text.length <= MAX_SHOWN) return text;
  return `${text.slice(0, MAX_SHOWN)}\n… (${
    whole(text.length - MAX_SHOWN)
  } characters more)`;
}

/**
 * A log message with its arguments inserted as by printf; further arguments
 * follow.
 *
 * @param {unknown} message
 * @param {readonly unknown[]} args
 */
export function logText(message, args) {
  let text = plain(message);
  let used = 0;
  if (args.length > 0) {
    text = text.replaceAll(/%([sdifoOjr%])/g, (place, kind) => {
      if (kind === "%") return "%";
      return used < args.length ? plain(args[used++]) : place;
    });
  }
  return [text, ...args.slice(used).map(plain)].join(" ");
}

/** @param {unknown} value */
function plain(value) {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}

/** @param {number} level Python's number. */
export function levelName(level) {
  if (level >= 50) return "critical";
  if (level >= 40) return "error";
  if (level >= 30) return "warning";
  return level >= 20 ? "info" : "debug";
}
