/**
 * Examples of peers. Software that runs processes of its own.
 *
 * @module
 */
import { Program } from "../../guide/support/program.ts";

/** A program that has to end its own processes: a kill would leave them running. */
export class ParentProgram extends Program {
  /** Interrupts it, and waits for its end. */
  override async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGINT");
    await this.ended;
  }
}
