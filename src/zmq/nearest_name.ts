/**
 * Layer: shared by all. Finds the name that was probably meant, when one was
 * mistyped or is known from another library. Pure text.
 *
 * @module
 */

/**
 * Returns the name most similar to `name`: up to a third of the letters
 * mistyped, another case, other separators, or a longer or shorter end, as in
 * `timeout` and `timeoutMs`.
 *
 * @param name The name that was used.
 * @param known The names that exist.
 * @returns The most similar one; `undefined` if none is similar.
 */
export function nearestName(
  name: string,
  known: Iterable<string>,
): string | undefined {
  const written = plain(name);
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const one of known) {
    const distance = distanceOf(written, plain(one));
    if (distance < bestDistance) {
      bestDistance = distance;
      best = one;
    }
  }
  return best;
}

/**
 * The message that a socket option does not exist, and which one was probably
 * meant.
 *
 * @param option Its name or number, as it was passed.
 * @param known The names that exist.
 * @returns A message.
 */
export function noSocketOption(
  option: string | number,
  known: Iterable<string>,
): string {
  const nearest = typeof option === "string"
    ? nearestName(option, known)
    : undefined;
  const hint = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  return `There is no socket option ${option}${hint}`;
}

/** Without what differs between the styles of names. */
function plain(name: string): string {
  // A text of this length is not a mistyped name, and comparing takes quadratic
  // time.
  return name.slice(0, 64).replace(/[-_\s]/g, "").toLowerCase();
}

/** How much two names differ; infinity if they are not similar. */
function distanceOf(a: string, b: string): number {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  const edits = editDistance(a, b);
  if (
    edits <= Math.max(1, Math.floor(long.length / 3)) && edits < long.length
  ) {
    return edits;
  }
  return short.length >= 3 && long.startsWith(short) ? edits : Infinity;
}

/** How many letters to insert, remove, replace, or swap with their neighbour. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] &&
        a[i - 2] === b[j - 1];
      if (isSwapped) best = Math.min(best, beforeLast[j - 2]! + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
