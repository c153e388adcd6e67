/**
 * Scripts. Shows the output of processes that run at the same time one after
 * another: that of one comes as it is written, that of the others waits until
 * its turn.
 *
 * @module
 */

/** Where the output goes. */
export class Stage {
  /** @type {Part[]} In the order in which they began. */
  #parts = [];
  /** @type {(to: "stdout" | "stderr", text: string) => void} */
  #write;

  /** @param {(to: "stdout" | "stderr", text: string) => void} write shows a piece */
  constructor(write) {
    this.#write = write;
  }

  /**
   * Takes in one more process.
   *
   * @param {string} title shown before its output
   */
  open(title) {
    const part = new Part(title);
    this.#parts.push(part);
    this.#flush();
    return {
      /** Shows a piece, now or later. */
      show: (to, text) => {
        part.held.push([to, text]);
        this.#flush();
      },
      /** No more comes. */
      close: () => {
        part.isOpen = false;
        this.#flush();
      },
    };
  }

  /** Who is first is seen; once it is over, those that are over too, and then the next. */
  #flush() {
    while (this.#parts.length > 0) {
      const [first] = this.#parts;
      this.#show(first);
      if (first.isOpen) return;
      this.#parts.shift();
      const over = this.#parts.filter(({ isOpen }) => !isOpen);
      this.#parts = this.#parts.filter(({ isOpen }) => isOpen);
      for (const part of over) this.#show(part);
    }
  }

  #show(part) {
    for (const [to, text] of part.held.splice(0)) this.#write(to, text);
  }
}

class Part {
  isOpen = true;
  /** @type {["stdout" | "stderr", string][]} */
  held;

  constructor(title) {
    this.held = [["stdout", title]];
  }
}
