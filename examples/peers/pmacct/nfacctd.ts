/**
 * Example `pmacct`: a collector of NetFlow.
 *
 * @module
 */
import { writeFile } from "node:fs/promises";
import { NFACCTD } from "../support/missing.ts";
import { ParentProgram } from "../support/parent_program.ts";

/** Runs `nfacctd`, which is a process for itself and one for each plugin. */
export class Nfacctd extends ParentProgram {
  /** Starts it with settings, which are written to the file. */
  static async start(
    file: string,
    settings: Readonly<Record<string, string>>,
  ): Promise<Nfacctd> {
    const lines = Object.entries(settings).map(([key, value]) =>
      `${key}: ${value}\n`
    );
    await writeFile(file, lines.join(""));
    return new Nfacctd(NFACCTD, ["-f", file], { withStderr: true });
  }
}
