/**
 * Example: the file pipeline. What people see: lines, a progress bar below
 * them on a terminal, or a line now and then elsewhere, and a table.
 *
 * @module
 */
import process from "node:process";

const BAR_WIDTH = 32;
/** Elsewhere than on a terminal: a line whenever so much of the whole was done. */
const LINE_EVERY = 0.1;

/** Where the demo prints. */
export class Screen {
  readonly #isTerminal = process.stdout.isTTY === true;
  #bar = "";
  #lastShare = 0;

  /** Prints a line, above the bar. */
  line(text: string = ""): void {
    process.stdout.write(this.#clear() + text + "\n" + this.#bar);
  }

  /** Shows how far it is. */
  progress(done: number, total: number): void {
    const share = total === 0 ? 1 : done / total;
    if (this.#isTerminal) {
      const full = Math.round(share * BAR_WIDTH);
      const bar = "█".repeat(full) + "░".repeat(BAR_WIDTH - full);
      const clear = this.#clear();
      this.#bar = `${bar} ${done} of ${total} files`;
      process.stdout.write(clear + this.#bar);
    } else if (share >= this.#lastShare + LINE_EVERY || done === total) {
      if (share > this.#lastShare) this.line(`${done} of ${total} files`);
      this.#lastShare = share;
    }
  }

  /** Ends the bar, so that lines follow it. */
  endProgress(): void {
    if (this.#bar !== "") process.stdout.write("\n");
    this.#bar = "";
  }

  /** Prints rows below each other; the first are the headings. Numbers stand to the right. */
  table(rows: readonly (readonly (string | number)[])[]): void {
    const widths = rows[0]!.map((_, column) =>
      Math.max(...rows.map((row) => String(row[column]).length))
    );
    for (const row of rows) {
      const cells = row.map((cell, column) => {
        const isNumber = /^[\d.]+$/.test(String(rows[1]?.[column]));
        const width = widths[column]!;
        return isNumber
          ? String(cell).padStart(width)
          : String(cell).padEnd(width);
      });
      this.line(cells.join("   ").trimEnd());
    }
  }

  #clear(): string {
    return this.#bar === "" ? "" : "\r\x1b[K";
  }
}
