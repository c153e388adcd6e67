/**
 * Layer: pipeline/store/postgres. Loads the driver, `npm:pg`, which only those
 * install who use it. Here is the part of it that the store uses.
 *
 * `pg` was chosen by measurement on Node, Deno and Bun: one `Client` is one
 * connection, and one that is lost stays lost, with the server's own error. The
 * store reconnects by itself, since it has to ask how the last commit ended.
 * `postgres` 3 was as quick; but it reconnects beneath its caller, and rejected
 * the first query of a new connection with the error that ended the last one.
 *
 * @module
 */
import { PipelineError } from "../../model/pipeline_error.ts";

/** A statement with a name: the server parses it once for each connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** A row, by the names of its columns. */
export type ResultRow = Record<string, unknown>;

/** A connection, as `pg` has it. */
export interface PgClient {
  connect(): Promise<void>;
  query(
    statement: { name?: string; text: string; values?: readonly unknown[] },
  ): Promise<{ rows: ResultRow[] }>;
  end(): Promise<void>;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(
    event: "notice",
    listener: (notice: { code?: string; message?: string }) => void,
  ): unknown;
}

/** How `pg` connects. */
export interface PgConfig {
  readonly connectionString: string;
  readonly ssl?: object;
  readonly keepAlive?: boolean;
  readonly keepAliveInitialDelayMillis?: number;
  readonly connectionTimeoutMillis?: number;
  /** What the server calls the session. */
  readonly application_name: string;
}

/** What the store uses of `pg`. */
export interface Pg {
  readonly Client: new (config: PgConfig) => PgClient;
}

/**
 * Loads the driver.
 *
 * @throws {PipelineError} `ERR_STORE_UNSUPPORTED`.
 */
export function loadPg(): Promise<Pg> {
  return loadFrom(async () => {
    // Within this function: bundlers tolerate a package that is missing only in a try.
    try {
      return await import("pg");
    } catch (cause) {
      throw loadError(cause);
    }
  });
}

/** The same, with a function that imports the package. For tests. */
export async function loadFrom(
  importPg: () => Promise<unknown>,
): Promise<Pg> {
  try {
    const module = await importPg() as Pg & { default?: Pg };
    return module.default ?? module; // depends on the importing module system
  } catch (cause) {
    throw loadError(cause);
  }
}

function loadError(cause: unknown): PipelineError {
  if (cause instanceof PipelineError) return cause;
  const { code, message } = Object(cause) as {
    code?: string;
    message?: string;
  };
  return new PipelineError(
    "ERR_STORE_UNSUPPORTED",
    code === "ERR_MODULE_NOT_FOUND"
      ? "postgresStore() needs npm:pg, which is not installed. Run: npm install pg@8"
      : `postgresStore() cannot load npm:pg: ${message}`,
    { options: ["postgresStore()"], cause },
  );
}
