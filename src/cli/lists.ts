/**
 * Layer: cli. What the commands that list flows and jobs have in common.
 *
 * @module
 */
import type { Shell } from "./shell.ts";

/** The most records that a pipeline lists at once. */
const PAGE = 1000;

/** What a search for text sees, in the details of a command. */
export const SEARCH_DETAILS =
  "it ignores the case of ASCII letters, and sees the JSON text of a payload.";

/** A page of a list. */
interface ListPage {
  readonly limit: number;
  readonly before?: string | undefined;
}

/**
 * Lists page by page.
 *
 * @param isOnePage Whether the list goes on only from the beginning.
 */
export async function listUpTo<T extends { readonly id: string }>(
  limit: number,
  before: string | undefined,
  read: (page: ListPage) => Promise<T[]>,
  isOnePage = false,
): Promise<T[]> {
  const all: T[] = [];
  while (all.length < limit) {
    const left = limit - all.length;
    const most = isOnePage ? left : Math.min(PAGE, left);
    const page = await read({ limit: most, before });
    for (const one of page) all.push(one);
    if (page.length < most) break;
    before = page.at(-1)!.id;
  }
  return all;
}

/** How a list is printed. */
interface Printed<T> {
  /** The line in place of an empty list. */
  readonly none: string;
  /** The lines of its table. */
  readonly tableOf: (records: readonly T[]) => string[];
  /** Whether no page can begin after its last record. */
  readonly hasNoNext?: boolean;
}

/**
 * Prints a list, with `--json` a record a line.
 *
 * @param records One more than `limit`, if there are more.
 */
export async function printList<T extends { readonly id: string }>(
  shell: Shell,
  records: readonly T[],
  limit: number,
  { none, tableOf, hasNoNext = false }: Printed<T>,
): Promise<void> {
  const shown = records.slice(0, limit);
  if (shell.isJson) {
    for (const one of shown) await shell.print("", one);
  } else if (shown.length === 0) {
    await shell.print(none, undefined);
  } else {
    await shell.print(tableOf(shown).join("\n"), undefined);
  }
  if (records.length > limit) {
    await noteMore(shell, hasNoNext ? undefined : shown.at(-1)!.id);
  }
}

/** Says that there are more records. @param before The last one, if the next page begins there. */
async function noteMore(
  shell: Shell,
  before: string | undefined,
): Promise<void> {
  const text = before === undefined
    ? "there are more: use --limit"
    : `there are more: use --limit, or --before ${before}`;
  await shell.note(text, { event: "more", before });
}
