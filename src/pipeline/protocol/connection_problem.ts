/**
 * Layer: pipeline/protocol. Why there is no connection to a pipeline: what went
 * wrong last, for the error of a call that times out. A refusal that waiting does
 * not resolve is reported at once.
 *
 * @module
 */
import type { ProtocolError, Socket, ZmqError } from "../../zmq/mod.ts";
import { PipelineError } from "../model/pipeline_error.ts";

/** Watches the connection of one socket. */
export class ConnectionProblem {
  #last: Error | undefined;

  /**
   * Begins to watch; call it before `connect`.
   *
   * @param pipeline The address, for messages.
   * @param refused Called with `ERR_PIPELINE_REFUSED` whenever the pipeline does
   *   not accept our keys or our token, or uses another mechanism.
   */
  constructor(
    { events }: Pick<Socket, "events">,
    pipeline: string,
    refused: (error: PipelineError) => void,
  ) {
    const note = ({ error }: { readonly error?: Error | undefined }) => {
      if (error !== undefined) this.#last = error;
    };
    events.on("connect:retry", note);
    events.on("handshake:error:other", note);
    events.on("handshake", () => this.#last = undefined);
    events.on("handshake:error:auth", ({ error }) => {
      note({ error });
      refused(refusal(pipeline, error));
    });
    events.on("handshake:error:protocol", ({ error }) => {
      note({ error });
      if (isMismatch(error)) refused(refusal(pipeline, error));
    });
  }

  /** The end of a sentence: `: connection refused`; empty while there is a connection. */
  get text(): string {
    return this.#last === undefined ? "" : `: ${reasonOf(this.#last)}`;
  }
}

/** The error of a pipeline that refuses the connection. */
export function refusal(pipeline: string, cause: Error): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_REFUSED",
    `The pipeline at "${pipeline}" refused the connection: ${reasonOf(cause)}`,
    { cause },
  );
}

function isMismatch(error: Error): boolean {
  return (error as { code?: string }).code === "ERR_ZMTP_MECHANISM_MISMATCH";
}

/** What each mechanism needs of us. */
const NEEDED: Readonly<Record<string, string>> = {
  CURVE:
    "it has keys for CURVE; set security (on the command line, use --server-key, and --keys if it allows some keys only)",
  PLAIN:
    "it has a token; set token (on the command line, --token-file or AGENTZERO_TOKEN)",
  NULL: "it has neither keys nor a token",
};

function reasonOf(error: Error): string {
  const { message } = error;
  if (isMismatch(error)) {
    const { peerMechanism } = error as Partial<ProtocolError>;
    const needed = NEEDED[peerMechanism ?? ""];
    return needed === undefined ? message : `${message}: ${needed}`;
  }
  const { status } = error as { status?: number };
  if (status === 400) return `${message}: it does not accept this key or token`;
  // The whole message would repeat the address.
  return (error as Partial<ZmqError>).reason ?? message;
}
