/**
 * Interoperability. The cells of the conformance table, and the name of the
 * test that fills each. Plain data: `scripts/conformance.ts` reads it, too. A
 * new socket type is a row of `PARTNERS`, and what it says in
 * `conversations.ts`.
 *
 * @module
 */

/** Each type with the types it may meet (RFC 37), in the order of the page. */
export const STABLE_PARTNERS: Readonly<Record<string, readonly string[]>> = {
  PAIR: ["PAIR"],
  PUB: ["SUB", "XSUB"],
  SUB: ["PUB", "XPUB"],
  XPUB: ["SUB", "XSUB"],
  XSUB: ["PUB", "XPUB"],
  PUSH: ["PULL"],
  PULL: ["PUSH"],
  REQ: ["REP", "ROUTER"],
  REP: ["REQ", "DEALER"],
  DEALER: ["REP", "DEALER", "ROUTER"],
  ROUTER: ["REQ", "DEALER", "ROUTER"],
};

/** These, STREAM, and the types whose RFCs (41 to 52) are drafts; no peer here can drive a PEER. */
export const PARTNERS: Readonly<Record<string, readonly string[]>> = {
  ...STABLE_PARTNERS,
  STREAM: ["STREAM"],
  CLIENT: ["SERVER"],
  SERVER: ["CLIENT"],
  RADIO: ["DISH"],
  DISH: ["RADIO"],
  SCATTER: ["GATHER"],
  GATHER: ["SCATTER"],
  CHANNEL: ["CHANNEL"],
};

const DRAFTS: readonly string[] = [
  ...["CLIENT", "SERVER", "RADIO", "DISH", "SCATTER", "GATHER", "CHANNEL"],
];

/** The transports that have a peer in another process. */
export type Transport = "tcp" | "ipc" | "ws";

/** The security mechanisms. */
export const MECHANISMS = ["NULL", "PLAIN", "CURVE"] as const;

/** Who binds, and is the server of the mechanism. */
export const BINDERS = ["ours", "theirs"] as const;

/** The peers, by the names of `tests/support/peers/kinds.ts`, and what each is tested over. */
export const PEERS: Readonly<Record<string, readonly Transport[]>> = {
  "zeromq.js": ["tcp", "ipc"],
  "pyzmq": ["tcp", "ipc"],
  /** This engine on another runtime: no release of libzmq has ws. */
  "agentzero": ["ws"],
};

/** One cell of the table. */
export interface Cell {
  readonly ours: string;
  readonly theirs: string;
  readonly transport: Transport;
  readonly mechanism: typeof MECHANISMS[number];
  readonly peer: string;
  readonly binds: typeof BINDERS[number];
}

/** Every cell of one peer, row by row. */
export function cellsOf(peer: string): Cell[] {
  return Object.entries(PARTNERS).flatMap(([ours, partners]) =>
    partners.flatMap((theirs) =>
      PEERS[peer]!.flatMap((transport) =>
        MECHANISMS.flatMap((mechanism) =>
          BINDERS.map((binds) => ({
            ours,
            theirs,
            transport,
            mechanism,
            peer,
            binds,
          }))
        )
      )
    )
  ).filter(({ ours, transport, mechanism }) =>
    // Bare TCP: there is no ZMTP, and so no mechanism; libzmq's has no ipc.
    ours !== "STREAM" || transport === "tcp" && mechanism === "NULL"
  );
}

/** Cells that share something. */
export interface CellGroup extends Partial<Cell> {
  readonly isDraft?: true;
}

/** Whether the type of the cell is a draft. */
export function isDraft(cell: Cell): boolean {
  return DRAFTS.includes(cell.ours);
}

const DRAFT = "draft types";
const PREFIX = "conformance: ";
const BETWEEN = " · ";

/**
 * The name of the test of a cell; with some of its parts only, of all cells
 * that share them, as when none of them can run here.
 */
export function testName(
  { ours, theirs, isDraft, transport, mechanism, peer, binds }: CellGroup,
): string {
  const words = [
    ours && theirs && `${ours} ↔ ${theirs}`,
    isDraft && DRAFT,
    transport,
    mechanism,
    peer,
    binds && (binds === "ours" ? "bound here" : "bound there"),
  ];
  return PREFIX + words.filter(Boolean).join(BETWEEN);
}

/** Whether the test named so is that of the cell, or of cells it is among. */
export function isAbout(name: string, cell: Cell): boolean {
  if (!name.startsWith(PREFIX)) return false;
  const words = testName(cell).slice(PREFIX.length).split(BETWEEN);
  if (isDraft(cell)) words.push(DRAFT);
  return name.slice(PREFIX.length).split(BETWEEN)
    .every((word) => words.includes(word));
}
