/**
 * Layer: pipeline/client. Lists of flows and jobs of all shards, newest first. Each
 * shard has its own order; here they are merged by the time of creation, so that the
 * pages neither skip nor repeat anything.
 *
 * @module
 */
import type { Answer, CallOptions } from "../protocol/request_dealer.ts";
import { searchAll } from "./search_all.ts";

type Row = Readonly<Record<string, unknown>>;

/** Where each shard goes on: behind the record with this id, or at its newest. */
type Cursors = readonly (string | undefined)[];

/** How many ends of pages are remembered. */
const REMEMBERED = 100;
/** How long a list is that does not say it, and at most. */
const [LIMIT, MOST] = [100, 1000];

/** An answer, and which shard gave it. */
export interface ShardAnswer {
  readonly shard: number;
  readonly answer: Answer;
}

/** What lists are made of. */
export interface MergedListsParts {
  /** How many shards there are. */
  readonly count: number;
  readonly ask: (
    shard: number,
    request: Row,
    call: CallOptions,
  ) => Promise<Answer>;
  /** Asks the shard that has the flow. */
  readonly askAbout: (request: Row, call: CallOptions) => Promise<ShardAnswer>;
}

/** Asks all shards for a list. */
export class MergedLists {
  readonly #parts: MergedListsParts;
  /** Where each shard goes on behind the last record of a page. */
  readonly #ends: Map<string, Cursors> = new Map();

  constructor(parts: MergedListsParts) {
    this.#parts = parts;
  }

  /**
   * Asks for one page. A search is answered when the page is full, or at the end of
   * the list; its cursor is the id of the last record.
   */
  async ask(
    { cursor, ...given }: Row,
    call: CallOptions,
  ): Promise<Answer> {
    const { before = cursor } = given;
    const request: Row = given;
    const { count } = this.#parts;
    const cursors = typeof before === "string"
      ? this.#ends.get(endOf(request, before)) ??
        await this.#find(request, before, call)
      : new Array<undefined>(count).fill(undefined);
    const limit = Math.min(Number(request.limit ?? LIMIT), MOST);
    const lists = await Promise.all(
      cursors.map((before, shard) =>
        this.#list(shard, { ...request, before }, call)
      ),
    );
    // With large payloads a list may be shorter than asked for, and go on.
    const isWhole = (list: Row[]) =>
      request.payloads !== true || list.length >= limit || list.length === 0;
    const { rows, cursors: after } = merge(lists, cursors, limit, isWhole);
    const last = rows.at(-1);
    if (last === undefined) return { [listName(request)]: rows };
    const id = String(last.id);
    this.#remember(endOf(request, id), after);
    const isMore = isSearch(request) && rows.length === limit;
    return { [listName(request)]: rows, ...isMore && { cursor: id } };
  }

  async #list(shard: number, request: Row, call: CallOptions): Promise<Row[]> {
    const of = listName(request);
    if (isSearch(request)) {
      return await searchAll(
        (part, call) => this.#parts.ask(shard, { ...request, ...part }, call),
        of,
        Number(request.limit ?? LIMIT),
        call,
      ) as Row[];
    }
    return (await this.#parts.ask(shard, request, call))[of] as Row[];
  }

  /** Where the shards go on behind a record of a page that is not remembered: all before it are looked at. */
  async #find(request: Row, id: string, call: CallOptions): Promise<Cursors> {
    const { shard, createdAt } = await this.#recordAt(request, id, call);
    return await Promise.all(
      Array.from({ length: this.#parts.count }, (_, other) => {
        if (other === shard) return Promise.resolve(id);
        return this.#lastBefore(
          other,
          request,
          call,
          (at) => at > createdAt || (at === createdAt && other < shard),
        );
      }),
    );
  }

  /** Which shard has a record, and when it was created. */
  async #recordAt(
    request: Row,
    id: string,
    call: CallOptions,
  ): Promise<{ readonly shard: number; readonly createdAt: number }> {
    const ask = async (offset: number) => {
      const page = { type: "status", id, offset, limit: MOST };
      return await this.#parts.askAbout(page, call);
    };
    let { shard, answer } = await ask(0);
    if (listName(request) === "flows") {
      return { shard, createdAt: Number(answer.created_at) };
    }
    for (let offset = 0;;) {
      const jobs = answer.jobs as Row[];
      const job = jobs.find((one) => one.id === id);
      if (job !== undefined || jobs.length === 0) {
        return { shard, createdAt: Number(job?.created_at ?? 0) };
      }
      ({ shard, answer } = await ask(offset += jobs.length));
    }
  }

  /** The id of the last record of a shard that comes earlier in the list. */
  async #lastBefore(
    shard: number,
    request: Row,
    call: CallOptions,
    isEarlier: (createdAt: number) => boolean,
  ): Promise<string | undefined> {
    let before: string | undefined;
    for (;;) {
      const page = await this.#list(shard, {
        ...request,
        before,
        limit: MOST,
        payloads: false,
      }, call);
      const ends = page.findIndex((row) => !isEarlier(Number(row.created_at)));
      const last = ends < 0 ? page.at(-1) : page[ends - 1];
      if (last !== undefined) before = String(last.id);
      if (ends >= 0 || page.length === 0) return before;
    }
  }

  #remember(end: string, cursors: Cursors): void {
    this.#ends.delete(end);
    this.#ends.set(end, cursors);
    const [oldest] = this.#ends.keys();
    if (this.#ends.size > REMEMBERED) this.#ends.delete(oldest!);
  }
}

/** The newest rows of all lists, and where each list goes on. */
function merge(
  lists: readonly Row[][],
  before: Cursors,
  limit: number,
  isWhole: (list: Row[]) => boolean,
): { rows: Row[]; cursors: Cursors } {
  const cursors = [...before];
  const at = lists.map(() => 0);
  const rows: Row[] = [];
  const createdAt = (shard: number) =>
    Number(lists[shard]![at[shard]!]?.created_at ?? -Infinity);
  while (rows.length < limit) {
    let newest = 0;
    for (const shard of lists.keys()) {
      if (createdAt(shard) > createdAt(newest)) newest = shard;
    }
    const list = lists[newest]!;
    const row = list[at[newest]!++];
    if (row === undefined) break;
    rows.push(row);
    cursors[newest] = String(row.id);
    // What comes next in that shard is not known.
    if (at[newest] === list.length && !isWhole(list)) break;
  }
  return { rows, cursors };
}

function isSearch({ type, search }: Row): boolean {
  return type === "search" || typeof search === "string";
}

function listName({ of }: Row): "flows" | "jobs" {
  return of === "flows" ? "flows" : "jobs";
}

/** The end of a page of one list: a flow and its first job have one id. */
function endOf({ of, states, name, key, search }: Row, id: string): string {
  return JSON.stringify([of, states, name, key, search, id]);
}
