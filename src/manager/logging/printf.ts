/**
 * Layer: manager, logging.
 *
 * The printf-like messages of Python's logging: how to write one out, and how
 * to make one from the arguments of a `console`-like call. It knows the common
 * part of both languages, not every corner of C's printf.
 *
 * @module
 */

/** A wider place is a mistake, or an attack by whoever may log. */
const MAX_WIDTH = 1000;

const place = /%(?:\(([^)]*)\))?([-+ #0]*)(\d*)(?:\.(\d+))?([a-zA-Z%])/g;

/**
 * Writes a record's message with its arguments, as Python's
 * `LogRecord.getMessage()` does. Without arguments the message is literal.
 *
 * @param msg Message with places: `%s %r %d %i %f %x %o %e`, width and precision, `%(key)s` with one object as argument, `%%`.
 * @param args The arguments; those left over are appended.
 * @returns The text; never throws on a mismatch.
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

/** An exception among the arguments travels with its traceback, which is no part of a line. */
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
 * Makes message and arguments of the parts of a message whose odd ones are values.
 *
 * @param parts Text, value, text, value, …, text.
 * @returns With `%s` for each value; without values the text is literal.
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
 * Makes message and arguments of those of a `console`-like call, whose places
 * (`%o %j %O %c`) Python does not know, and which may have more arguments.
 *
 * @param values The arguments of the call.
 * @returns A message that Python can write out.
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
