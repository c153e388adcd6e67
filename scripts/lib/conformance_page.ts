/**
 * Scripts. Writes `docs/conformance.md` from the table of a run, and reads the
 * table of such a page again.
 *
 * @module
 */
import {
  BINDERS,
  type Cell,
  MECHANISMS,
  PARTNERS,
  PEERS,
  testName,
} from "../../tests/zmq/interop/cells.ts";
import {
  hasRun,
  lettersOf,
  type Outcomes,
  outcomesOf,
  type Table,
} from "./conformance_cells.ts";
import { markdownTable } from "./markdown_table.ts";

/** What the page says. */
export interface Page {
  readonly table: Table;
  /** What was skipped, and why. */
  readonly skips: readonly string[];
  /** The programs that took part, and their versions. */
  readonly versions: ReadonlyMap<string, string>;
}

const HEAD = `<!-- deno-fmt-ignore-file -->

# Conformance

Does agentzero interoperate with libzmq? Each mark below is a test that ran: a
connection between our socket and one of libzmq's in another process, driven by
zeromq.js or pyzmq, neither of which we wrote. No release of libzmq has WebSocket,
so for \`ws\` the peer is agentzero in a process of another runtime: of Node for a
test on Deno, of Bun for one on Node, of Deno for one on Bun. jszmq, omq.ts and a
build of libzmq's draft are in [sockets.md](sockets.md#websocket).

\`npm run conformance\` runs the tests on Deno, Node and Bun and writes this page;
CI runs them, too, and compares. Do not edit it by hand.

## How to read it

Each row is a pair of compatible socket types, **ours first**, then the peer's.
Each cell has two tests: left of the dot we bind and the peer connects, right
of it the peer binds and we connect. The side that binds is the server of PLAIN and CURVE.

- \`DNB\`: passed on **D**eno, **N**ode and **B**un
- \`✗B\`: failed on Bun
- \`–B\`: skipped on Bun, for a reason given below the tables

Each connection tests everything that the two types promise
(\`tests/zmq/interop/conversations.ts\`):

- **all but STREAM**: messages that are empty, binary, of the greatest length of a
  short frame, longer, and of 100,000 bytes; and where a message may have many
  frames, empty ones at its beginning, in its middle and at its end;
- **all but STREAM, REQ and REP**, which wait for each reply: many messages at
  once stay in order, in both directions if both may send;
- **PUB, SUB, XPUB, XSUB**: only subscribed topics arrive, a topic is a prefix, a
  cancelled subscription ends, XPUB receives each;
- **REQ, REP, DEALER, ROUTER**: each reply is routed by the envelope, which DEALER
  writes and ROUTER sees, and which REQ and REP hide;
- **STREAM**: bytes in both directions, without message boundaries; it speaks plain
  TCP, so there is no mechanism, and libzmq's has no \`ipc\`;
- **CLIENT, SERVER, RADIO, DISH, SCATTER, GATHER, CHANNEL**, which are drafts:
  messages of one frame only; SERVER replies by routing id, and DISH receives the
  groups that it has joined and no other;
- **PLAIN, CURVE**: the server accepts the user or the key that it knows; ours
  by \`authenticate\` and \`curveAllowedKeys\`, libzmq's by its ZAP handler.

Refusals, losses, restarts and slow peers are not in this table, but in the other
tests of \`tests/zmq/interop\`: incompatible pairs of types, wrong passwords
and keys, peers that are killed and come back, heartbeats, options. \`inproc\`
connects sockets of one process, and neither zeromq.js nor pyzmq supports the draft
PEER, so these have no independent peer here.
`;

/** Writes the page; cells that were skipped everywhere are left out. */
export function renderPage({ table: all, skips, versions }: Page): string {
  const table = new Map([...all].filter(([, outcomes]) => hasRun(outcomes)));
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const outcomes of table.values()) {
    for (const outcome of Object.values(outcomes)) total[outcome]++;
  }
  const sections = [
    HEAD,
    `**${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped**: ` +
    `${table.size} tests on three runtimes.\n`,
    ...Object.keys(PEERS).map((peer) =>
      `## With ${peer}\n\n${tableText(rowsOf(peer, table))}`
    ),
    ...(skips.length === 0
      ? []
      : [`## Skipped\n\n${skips.map((line) => `- ${line}\n`).join("")}`]),
    `## Versions\n\n${tableText([["program", "version"], ...versions])}`,
  ];
  return sections.join("\n");
}

/** Reads a page again. */
export function readPage(text: string): Page {
  const table = new Map<string, Outcomes>();
  for (const peer of Object.keys(PEERS)) {
    const [head = [], ...rows] = cellsIn(sectionOf(text, `With ${peer}`));
    for (const [pair = "", ...cells] of rows) {
      const [ours = "", theirs = ""] = pair.split(" ↔ ");
      cells.forEach((letters, i) => {
        const [transport, mechanism] = (head[i + 1] ?? "").split(" ");
        letters.split(" · ").forEach((word, j) => {
          const place = { transport, mechanism, binds: BINDERS[j] };
          const cell = { ours, theirs, peer, ...place } as Cell;
          const outcomes = outcomesOf(word);
          if (outcomes) table.set(testName(cell), outcomes);
        });
      });
    }
  }
  const [, ...versions] = cellsIn(sectionOf(text, "Versions"));
  const skips = sectionOf(text, "Skipped").split("\n")
    .filter((line) => line.startsWith("- ")).map((line) => line.slice(2));
  return { table, skips, versions: new Map(versions as [string, string][]) };
}

function rowsOf(peer: string, table: Table): string[][] {
  const columns = PEERS[peer]!.flatMap((transport) =>
    MECHANISMS.map((mechanism) => ({ transport, mechanism }))
  );
  const head = [
    "ours ↔ theirs",
    ...columns.map(({ transport, mechanism }) => `${transport} ${mechanism}`),
  ];
  const rows = Object.entries(PARTNERS).flatMap(([ours, partners]) =>
    partners.map((theirs) => [
      `${ours} ↔ ${theirs}`,
      ...columns.map((column) =>
        BINDERS.map((binds) => {
          const cell = { ours, theirs, peer, binds, ...column };
          return table.get(testName(cell));
        }).filter((outcomes) => outcomes !== undefined).map(lettersOf)
          .join(" · ")
      ),
    ])
  ).filter(([, ...cells]) => cells.some((text) => text !== ""));
  return [head, ...rows];
}

/** A table of Markdown; the first row is its head. */
function tableText([head = [], ...rows]: readonly string[][]): string {
  return `${markdownTable(head, rows)}\n`;
}

/** The rows of the first table of a text, without the line below its head. */
function cellsIn(text: string): string[][] {
  return text.split("\n")
    .filter((line) => line.startsWith("|") && !/^[|\s-]+$/.test(line))
    .map((line) => line.slice(1, -1).split("|").map((cell) => cell.trim()));
}

function sectionOf(text: string, title: string): string {
  const [, section = ""] = text.split(`\n## ${title}\n`);
  return section.split("\n## ")[0]!;
}
