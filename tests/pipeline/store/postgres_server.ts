/**
 * Test support. A PostgreSQL server that the tests start themselves: one for each
 * process that runs tests, in a temporary folder, on a port of its own. It ends
 * with that process, however that ends.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { appendFile, chmod, mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { steadyPort } from "../../support/steady_port.ts";

const execute = promisify(execFile);

/** The folder of `initdb` and `postgres`. */
const bin = findPrograms();

/** Why what needs a server is not tested here; `false` where it is. */
export const noPostgres: string | false = bin === undefined
  ? "PostgreSQL is missing (Debian's package is called postgresql)"
  : false;

function findPrograms(): string | undefined {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian) : [];
  versions.sort((a, b) => Number(b) - Number(a));
  return [
    ...versions.map((version) => join(debian, version, "bin")),
    ...(process.env.PATH ?? "").split(delimiter),
  ].find((dir) =>
    ["initdb", "pg_ctl", "postgres"].every((name) =>
      existsSync(join(dir, name))
    )
  );
}

/** Why there is no certificate for the server; `false` where there is one. */
export const noOpenssl: string | false =
  (process.env.PATH ?? "").split(delimiter)
      .some((dir) => existsSync(join(dir, "openssl")))
    ? false
    : "openssl is missing";

let running: Promise<PostgresServer> | undefined;

/** The server of this process, which is started the first time. */
export function postgresServer(): Promise<PostgresServer> {
  return running ??= PostgresServer.create();
}

let names = 0;

/** A name for a pipeline that no other test has. */
export function uniqueName(): string {
  return `pipeline-${process.pid}-${names++}`;
}

/** A server. */
export class PostgresServer {
  /** Its folder, which has its log too. */
  readonly dir: string;
  /** Its port at 127.0.0.1; also in the name of its Unix socket. */
  readonly port: number;

  #isDurable = false;
  #databases = 0;

  private constructor(dir: string, port: number) {
    this.dir = dir;
    this.port = port;
  }

  /**
   * Creates a cluster, and starts the server.
   *
   * @param options Whether what it commits survives the loss of power. Default false.
   */
  static async create(
    { isDurable = false }: { readonly isDurable?: boolean } = {},
  ): Promise<PostgresServer> {
    const server = await PostgresServer.#newServer();
    server.#isDurable = isDurable;
    await server.#run("initdb", [
      ...[
        "--username=agentzero",
        "--auth=trust",
        "--no-sync",
        "--no-instructions",
      ],
      ...["--encoding=UTF8", "--locale=C", "--pgdata", server.data],
    ]);
    await server.#endWithUs();
    await server.start();
    return server;
  }

  static async #newServer(): Promise<PostgresServer> {
    const dir = await mkdtemp(join(tmpdir(), "agentzero-pg-"));
    if (isRoot) await execute("chown", [owner, dir]);
    return new PostgresServer(dir, await steadyPort());
  }

  /** Starts a standby, for which each commit of this server waits from now on. */
  async replicate(): Promise<PostgresServer> {
    const standby = await PostgresServer.#newServer();
    await standby.#run("pg_basebackup", [
      ...["--write-recovery-conf", "--checkpoint=fast", "--no-sync"],
      ...[`--dbname=${this.url}`, "--pgdata", standby.data],
    ]);
    await standby.#endWithUs();
    await standby.start();
    await appendFile(
      join(this.data, "postgresql.conf"),
      "synchronous_standby_names = '*'\n",
    );
    await this.#run("pg_ctl", ["reload", "--silent", "--pgdata", this.data]);
    return standby;
  }

  /** Makes a standby the primary. */
  async promote(): Promise<void> {
    await this.#run("pg_ctl", [
      ...["promote", "--wait", "--silent", "--pgdata", this.data],
    ]);
  }

  /** The folder of its data. */
  get data(): string {
    return join(this.dir, "data");
  }

  /** Where its database is. */
  get url(): string {
    return `postgres://agentzero@127.0.0.1:${this.port}/postgres`;
  }

  /** Creates an empty database. Returns where that is. */
  async createDatabase(): Promise<string> {
    const name = `bench${this.#databases++}`;
    await this.#run("createdb", [`--maintenance-db=${this.url}`, name]);
    return this.url.replace(/postgres$/, name);
  }

  /** Starts it. */
  async start(): Promise<void> {
    const quick = "-c fsync=off -c full_page_writes=off -c shared_buffers=16MB";
    const settings = [
      `-p ${this.port} -k ${this.dir} -c listen_addresses=127.0.0.1`,
      "-c max_connections=100 -c log_min_messages=fatal",
      // Where nothing need survive a loss of power, the death of processes is tested.
      this.#isDurable ? "" : `${quick} -c autovacuum=off`,
    ].join(" ");
    await this.#run("pg_ctl", [
      ...["start", "--wait", "--silent", "--pgdata", this.data],
      ...["--log", join(this.dir, "log"), "--options", settings],
    ]);
  }

  /**
   * Has it accept TLS.
   *
   * @returns The certificate, which it signed itself: for 127.0.0.1.
   */
  async encrypt(): Promise<string> {
    const [key, cert] = [
      join(this.data, "server.key"),
      join(this.data, "server.crt"),
    ];
    await execute("openssl", [
      ...["req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"],
      ...["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
      ...[
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-keyout",
        key,
        "-out",
        cert,
      ],
    ]);
    await chmod(key, 0o600);
    if (isRoot) await execute("chown", [owner, key, cert]);
    await appendFile(join(this.data, "postgresql.conf"), "ssl = on\n");
    await this.kill();
    await this.start();
    return await readFile(cert, "utf8");
  }

  /** Ends it at once, as a crash does. */
  async kill(): Promise<void> {
    await this.#run("pg_ctl", [
      ...["stop", "--wait", "--silent", "--pgdata", this.data],
      ...["--mode", "immediate"],
    ]);
  }

  /** Runs one of its programs, as a user that it accepts. */
  async #run(program: string, args: readonly string[]): Promise<void> {
    const command = [join(bin!, program), ...args];
    const whole = isRoot ? [...AS_OTHER, ...command] : command;
    // Its own output must not keep a pipe of ours open.
    const script = `"$@" >"${this.dir}/output" 2>&1 </dev/null ||
      { cat "${this.dir}/output" >&2; exit 1; }`;
    await execute("sh", ["-c", script, "sh", ...whole], { cwd: this.dir });
  }

  /** Has a process wait for the end of this one, and end the server then. */
  async #endWithUs(): Promise<void> {
    const stop = [...isRoot ? AS_OTHER : [], join(bin!, "pg_ctl")];
    const script = `(
      while kill -0 ${process.pid} 2>/dev/null; do sleep 0.5; done
      "$@" stop --mode immediate --silent --pgdata "${this.data}"
      rm -rf "${this.dir}"
    ) >/dev/null 2>&1 </dev/null &`;
    await execute("sh", ["-c", script, "sh", ...stop], { cwd: "/" });
  }
}

/** The server refuses to run as root. */
const isRoot = process.getuid?.() === 0;
const owner = "65534"; // a user without rights, on every Linux
const AS_OTHER = [
  "setpriv",
  ...[`--reuid=${owner}`, `--regid=${owner}`, "--clear-groups"],
];
