/**
 * Example `jupyter`: our client runs cells in the kernel for Python and in
 * Deno's, and nbclient runs a notebook in a kernel of ours.
 *
 * @module
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { commandOf, ROOT } from "../../guide/support/child.ts";
import { Program } from "../../guide/support/program.ts";
import { deno } from "../../../scripts/runtimes.mjs";
import { freePorts } from "../support/free_port.ts";
import { PYTHON } from "../support/missing.ts";
import { playWith } from "../support/scene.ts";
import { JupyterClient } from "./client.ts";
import type { Connection } from "./wire.ts";

const CHANNELS = ["shell", "iopub", "stdin", "control", "hb"];

await playWith("jupyter", async (folder) => {
  await runInPython(folder);
  await runInDeno(folder);
  await runNotebook(folder);
  return "cells of ours ran in ipykernel and in Deno, and cells of nbclient in a kernel of ours";
});

/** Runs cells in ipykernel. */
async function runInPython(folder: string): Promise<void> {
  const connection: Connection = {
    transport: "ipc",
    ip: `${folder}/ipykernel`,
    // With ipc these are parts of file names, and need not be free ports.
    ...{ shell_port: 1, iopub_port: 2, stdin_port: 3 },
    ...{ control_port: 4, hb_port: 5 },
    key: randomUUID(),
    signature_scheme: "hmac-sha256",
  };
  const file = `${folder}/ipykernel.json`;
  await writeFile(file, JSON.stringify(connection));
  const words = ["-m", "ipykernel_launcher", "-f", file];
  await using kernel = new Program(PYTHON, words, {
    env: { IPYTHONDIR: folder },
    withStderr: true,
  });
  await using client = new JupyterClient(connection, () => "Ada");
  await ready(client, kernel);

  const sum = await client.runCell("print('adding'); 6 * 7");
  assert.deepEqual(sum, {
    ...{ status: "ok", text: "adding\n", value: "42", error: undefined },
  });
  const name = await client.runCell("input('Your name? ')");
  assert.equal(name.value, "'Ada'");
  const division = await client.runCell("1 / 0");
  assert.equal(division.status, "error");
  assert.equal(division.error, "ZeroDivisionError: division by zero");
  console.log("ipykernel ran three cells");

  await shutDown(client, kernel);
}

/** Runs cells in Deno's kernel, which speaks ZMTP 3.0 over tcp. */
async function runInDeno(folder: string): Promise<void> {
  const ports = await freePorts(CHANNELS.length);
  const connection = {
    ...{ transport: "tcp", ip: "127.0.0.1", kernel_name: "deno" },
    key: randomUUID(),
    signature_scheme: "hmac-sha256",
    ...Object.fromEntries(
      CHANNELS.map((channel, n) => [`${channel}_port`, ports[n]]),
    ),
  } as unknown as Connection;
  const file = `${folder}/deno.json`;
  await writeFile(file, JSON.stringify(connection));
  const { cmd, args } = deno();
  const words = [...args, "jupyter", "--kernel", "--conn", file];
  await using kernel = new Program(cmd, words, { withStderr: true });
  await using client = new JupyterClient(connection, () => "Ada");
  await ready(client, kernel);

  // Outputs may arrive after all else of a cell: look at replies only.
  const ask = "if (prompt('Your name?') !== 'Ada') throw new Error('who?')";
  const name = await client.runCell(ask);
  assert.equal(name.status, "ok", name.error);
  const division = await client.runCell("1n / 0n");
  assert.equal(division.status, "error");
  assert.equal(division.error, "RangeError: Division by zero");
  console.log("Deno's kernel ran two cells");

  await shutDown(client, kernel);
}

/** Waits for a kernel, or for its end. */
async function ready(client: JupyterClient, kernel: Program): Promise<void> {
  const ended = kernel.ended.then((code) => {
    throw new Error(
      `The kernel ended with ${code}: ${kernel.lines.join(" / ")}`,
    );
  });
  await Promise.race([client.ready(), ended]);
}

/** Has a kernel end. */
async function shutDown(client: JupyterClient, kernel: Program): Promise<void> {
  const reply = client.controlRequest("shutdown_request");
  // It may end before its reply is out.
  await Promise.race([reply, kernel.ended]);
  assert.equal(await kernel.ended, 0);
}

/** Has nbclient run a notebook in our kernel. */
async function runNotebook(folder: string): Promise<void> {
  const kernel = new URL("./kernel_process.ts", import.meta.url);
  await mkdir(`${folder}/kernels/agentzero`, { recursive: true });
  await writeFile(
    `${folder}/kernels/agentzero/kernel.json`,
    JSON.stringify({
      argv: commandOf(kernel, ["{connection_file}"]),
      display_name: "JavaScript (agentzero)",
      language: "javascript",
      interrupt_mode: "message", // a signal would end it
    }),
  );
  const script = fileURLToPath(
    new URL("./run_notebook.py", import.meta.url),
  );
  await using notebook = new Program(PYTHON, [script], {
    cwd: ROOT,
    env: { JUPYTER_PATH: folder, JUPYTER_RUNTIME_DIR: folder },
  });
  notebook.writeLine(
    JSON.stringify([
      "console.log('adding'); var sum = 40 + 2; sum",
      "Promise.resolve(sum / 2)",
      "nothing.at.all",
    ]),
  );
  notebook.endInput();
  assert.equal(await notebook.ended, 0);
  const outputs = JSON.parse(notebook.lines.at(-1)!);
  const results = outputs.flat().map((output: Record<string, unknown>) =>
    output.text ?? (output.data as Record<string, string>)?.["text/plain"] ??
      output.evalue
  );
  assert.deepEqual(results, ["adding\n", "42", "21", "nothing is not defined"]);
  console.log("our kernel ran three cells of nbclient");
}
