/**
 * Layer: manager, logging.
 *
 * The printf messages of Python's logging: formats them, and creates them from
 * the arguments of a `console`-like call. It supports the common part of both
 * languages, not all of C's printf.
 *
 * @module
 */

/** A larger width is a mistake, or an attack. */
const MAX_WIDTH = 1000;

const place = /%(?:\(([^)]*)\))?([-+ #0]*)(\d*)(?:\.(\d+))?([a-zA-Z%])/g;

/**
 * Formats the message of a record with its arguments, as Python's
 * `LogRecord.getMessage()` does. Without arguments the message is literal.
 *
 * @param msg Message with placeholders: `%s %r %d %i %f %x %o %e`, width and precision, `%(key)s` with one object as argument, `%%`.
 * @param args The arguments; surplus ones are appended.
 * @returns The text; never throws for a mismatch.
 *
 * @example
 * ```ts
 * import { formatLogMessage } from "@agentzero/agentzero";
 *
 * console.log(formatLogMessage("%s took %.1f s", ["job", 2.25]));
 * ```
 */
export function formatLogMessage(
  msg: string,
  args: readonly unknown[],
): string {
  if (args.length === 0) return msg;
  let next = 0;
  let hasKeys = false;
  const text = msg.replace(
    place,
    (whole, key, flags, width, precision, type) => {
      if (type === "%") return "%";
      let value: unknown;
      if (key !== undefined) {
        hasKeys = true;
        value = (args[0] as Record<string, unknown> | undefined)?.[key];
        if (value === undefined) return whole;
      } else if (next < args.length) value = args[next++];
      else return whole;
      return padded(
        formatOne(value, type, precision),
        flags,
        Math.min(Number(width), MAX_WIDTH),
      );
    },
  );
  const rest = hasKeys ? [] : args.slice(next);
  return [text, ...rest.map((arg) => formatOne(arg, "s"))].join(" ");
}

function formatOne(value: unknown, type: string, precision?: string): string {
  const digits = precision === undefined ? undefined : Number(precision);
  const number = typeof value === "string" ? NaN : Number(value);
  if (!Number.isNaN(number)) {
    if ("diu".includes(type)) return String(Math.trunc(number));
    if ("fF".includes(type)) return number.toFixed(Math.min(digits ?? 6, 100));
    if ("eE".includes(type)) {
      return number.toExponential(Math.min(digits ?? 6, 100));
    }
    if (type === "x") return Math.trunc(number).toString(16);
    if (type === "X") return Math.trunc(number).toString(16).toUpperCase();
    if (type === "o") return Math.trunc(number).toString(8);
  }
  const text = typeof value === "string" && type !== "r"
    ? value
    : isException(value)
    ? `${value.name}: ${value.message}`
    : JSON.stringify(value) ?? String(value);
  return digits === undefined ? text : text.slice(0, digits);
}

/** An exception among the arguments has a traceback, which does not belong into a line. */
function isException(
  value: unknown,
): value is { name: string; message: string } {
  return typeof value === "object" && value !== null && "traceback" in value &&
    "name" in value && "message" in value;
}

function padded(text: string, flags: string, width: number): string {
  if (flags.includes("-")) return text.padEnd(width);
  if (!flags.includes("0")) return text.padStart(width);
  const sign = text.startsWith("-") ? "-" : "";
  return sign + text.slice(sign.length).padStart(width - sign.length, "0");
}

/**
 * Converts the parts of a template literal to message and arguments.
 *
 * @param parts Text, value, text, value, …, text.
 * @returns A message with `%s` for each value; without values the text is literal.
 */
export function fromTemplateParts(
  parts: readonly unknown[],
): { msg: string; args: unknown[] } {
  if (parts.length <= 1) return { msg: String(parts[0] ?? ""), args: [] };
  const args = parts.filter((_, i) => i % 2 === 1);
  const msg = parts.map((part, i) => i % 2 === 1 ? "%s" : literal(String(part)))
    .join("");
  return { msg, args };
}

/**
 * Converts the arguments of a `console`-like call to message and arguments. Its
 * placeholders may be unknown to Python (`%o %j %O %c`), and it may have more
 * arguments than placeholders.
 *
 * @param values The arguments of the call.
 * @returns A message that Python can format.
 */
export function fromConsoleArguments(
  values: readonly unknown[],
): { msg: unknown; args: unknown[] } {
  const [first, ...rest] = values;
  if (rest.length === 0) return { msg: first ?? "", args: [] };
  if (typeof first !== "string") {
    return { msg: values.map(() => "%s").join(" "), args: [...values] };
  }
  const args: unknown[] = [];
  let next = 0;
  let msg = "";
  let end = 0;
  for (const match of first.matchAll(/%([sdifjoOc%])/g)) {
    msg += literal(first.slice(end, match.index));
    end = match.index + 2;
    const type = match[1]!;
    if (type === "%" || next === rest.length) {
      msg += type === "%" ? "%%" : literal(match[0]);
      continue;
    }
    const value = rest[next++];
    if (type === "c") continue; // a style, for browsers
    const isNumber = typeof value === "number" && Number.isFinite(value);
    msg += isNumber && "dif".includes(type) ? match[0] : "%s";
    args.push(value);
  }
  msg += literal(first.slice(end));
  const surplus = rest.slice(next);
  return {
    msg: msg + surplus.map(() => " %s").join(""),
    args: [...args, ...surplus],
  };
}

function literal(text: string): string {
  return text.replaceAll("%", "%%");
}
