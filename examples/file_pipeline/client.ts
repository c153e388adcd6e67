/**
 * Example: the file pipeline. The client: it asks the Pipeline process over a
 * REQ socket, and each answer is for one question.
 *
 * @module
 */
import { MSGPACK, SocketManager, zmq } from "@agentzero/agentzero";
import type {
  PipelineReply,
  PipelineRequest,
  StatsReply,
  StatusReply,
  SubmitReply,
} from "./messages.ts";

/** How long to wait when the pipeline has enough to do. */
const BUSY_MS = 20;

/** Talks with one pipeline. */
export class PipelineClient implements AsyncDisposable {
  readonly #sockets = new SocketManager({
    serializationBackend: new MSGPACK(),
  });

  /** Connects to a pipeline's address for requests. */
  async connect(address: string): Promise<void> {
    await this.#sockets.ensureAndConnect("pipeline", zmq.REQ, address);
  }

  /** Hands in a job as soon as the pipeline takes it. Gives its id; `undefined` once aborted. */
  async submit(
    instructions: unknown,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    while (!signal.aborted) {
      const reply = await this.#ask({ type: "submit", instructions });
      if (reply.status === 200) return (reply as SubmitReply).id;
      await new Promise((resolve) => setTimeout(resolve, BUSY_MS));
    }
    return undefined;
  }

  /** Where a job is. */
  async status(id: string): Promise<StatusReply> {
    return await this.#ask({ type: "status", id }) as StatusReply;
  }

  /** How all of it does. */
  async stats(): Promise<StatsReply> {
    return await this.#ask({ type: "stats" }) as StatsReply;
  }

  /** Ends the pipeline and its workers. */
  async stop(): Promise<void> {
    await this.#ask({ type: "stop" });
  }

  /** Ends the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sockets.closeAll();
  }

  // Not sent again when no answer comes: a job would be handed in twice.
  #ask(request: PipelineRequest): Promise<PipelineReply> {
    return this.#sockets.request("pipeline", request, { retries: 0 });
  }
}
