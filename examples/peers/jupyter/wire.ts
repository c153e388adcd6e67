/**
 * Example `jupyter`: the messages of Jupyter, and their signatures.
 *
 * @see https://jupyter-client.readthedocs.io/en/stable/messaging.html
 * @module
 */
import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";

/** Where a kernel is: what is in its connection file. */
export interface Connection {
  readonly transport: "tcp" | "ipc";
  readonly ip: string;
  readonly shell_port: number;
  readonly iopub_port: number;
  readonly stdin_port: number;
  readonly control_port: number;
  readonly hb_port: number;
  /** For signatures; empty for none. */
  readonly key: string;
  readonly signature_scheme?: string;
}

/** One of a kernel's five sockets. */
export type Channel = "shell" | "iopub" | "stdin" | "control" | "hb";

/** Whose message it is, and of which type. */
export interface Header {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session: string;
  readonly username: string;
  readonly date: string;
  readonly version: string;
}

/** A message. */
export interface Message {
  /** What stands before the delimiter: routing ids, or a topic on iopub. */
  readonly ids: readonly Uint8Array[];
  readonly header: Header;
  /** Of the request that this is about; empty for one that is about none. */
  readonly parent: Partial<Header>;
  readonly content: Readonly<Record<string, unknown>>;
}

const DELIMITER = "<IDS|MSG>";

/** The address of one of a kernel's sockets. With ipc, a hyphen stands before the number. */
export function addressOf(connection: Connection, channel: Channel): string {
  const { transport, ip } = connection;
  const port = connection[`${channel}_port`];
  if (transport === "ipc") return `ipc://${ip}-${port}`;
  return `tcp://${ip.includes(":") ? `[${ip}]` : ip}:${port}`;
}

/** Writes and reads the messages of one session. */
export class Wire {
  readonly #key: string;
  readonly #hash: string;
  readonly #session = randomUUID();

  constructor(connection: Pick<Connection, "key" | "signature_scheme">) {
    this.#key = connection.key;
    this.#hash = (connection.signature_scheme ?? "hmac-sha256").replace(
      "hmac-",
      "",
    );
  }

  /** A header for a new message. */
  header(type: string): Header {
    return {
      msg_id: randomUUID(),
      msg_type: type,
      session: this.#session,
      username: "agentzero",
      date: new Date().toISOString(),
      version: "5.3",
    };
  }

  /** The frames of a message. */
  encode({ ids, header, parent, content }: Message): (string | Uint8Array)[] {
    const parts = [header, parent, {}, content].map((part) =>
      JSON.stringify(part)
    );
    return [...ids, DELIMITER, this.#sign(parts), ...parts];
  }

  /** The frames of a new message about a request. */
  encodeAbout(
    request: Message,
    type: string,
    content: Message["content"],
    ids: Message["ids"] = request.ids,
  ): (string | Uint8Array)[] {
    const parent = request.header;
    return this.encode({ ids, header: this.header(type), parent, content });
  }

  /**
   * Reads the frames of a message.
   *
   * @throws {Error} if they are not a message, or it was signed with another key
   */
  decode(frames: readonly Uint8Array[]): Message {
    // From the front: what follows may contain anything, also this text.
    const at = frames.findIndex((frame) => String(frame) === DELIMITER);
    const [signature, ...parts] = frames.slice(at + 1);
    if (at < 0 || parts.length < 4) throw new Error("Not a message of Jupyter");
    // Signed as they were sent: JSON that was read and written is other bytes.
    const own = Buffer.from(this.#sign(parts.slice(0, 4)));
    if (
      own.byteLength !== signature!.byteLength ||
      !timingSafeEqual(own, signature!)
    ) throw new Error("The signature of a message is wrong");
    const [header, parent, , content] = parts.map((part) =>
      JSON.parse(String(part))
    );
    return { ids: frames.slice(0, at), header, parent, content };
  }

  /** Gives the messages of a socket to `use`; one that it cannot use is dropped. */
  async take(
    socket: AsyncIterable<Uint8Array[]>,
    use: (message: Message) => unknown,
  ): Promise<void> {
    for await (const frames of socket) {
      try {
        await use(this.decode(frames));
      } catch (error: unknown) {
        console.error("A message is dropped:", error);
      }
    }
  }

  #sign(parts: readonly (string | Uint8Array)[]): string {
    if (this.#key === "") return "";
    const hmac = createHmac(this.#hash, this.#key);
    for (const part of parts) hmac.update(part);
    return hmac.digest("hex");
  }
}
