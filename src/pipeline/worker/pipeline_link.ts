/**
 * Layer: pipeline/worker. What a worker needs of its connections to a pipeline,
 * whichever version of the protocol they speak.
 *
 * @module
 */
import type { SocketManager } from "../../manager/mod.ts";
import type { PipelineError } from "../model/pipeline_error.ts";
import type { Description } from "../protocol/describe.ts";
import type { RunOptions } from "./run_options.ts";

/** How soon a lost pipeline is tried again, and the longest pause, in milliseconds. */
export const RECONNECT = { reconnectInterval: 50, reconnectMaxInterval: 1000 };
/** How long what was sent may take to leave when the step ends, in milliseconds. */
export const LINGER_MS = 1000;

/** What a link is made of. */
export interface LinkParts {
  readonly sockets: SocketManager;
  readonly options: RunOptions;
  /** The options of the sockets that connect to the pipeline. */
  readonly clientOptions: object;
  /** Where the pipeline takes requests: of several processes, the one that leads. */
  readonly leader: () => string;
  /** The worker's message to the pipeline that it is alive, and how it may be silent, as a heartbeat says it; 0 for its lease. */
  readonly heartbeat: (silenceMs: number) => Uint8Array;
  /** Called when something has ended that someone has to know about. */
  readonly onFailed: (error: PipelineError) => void;
  /** Called when the connection over which results are sent is made, or is lost. */
  readonly onLink: (isLinked: boolean) => void;
  /** Called with each message of the pipeline. */
  readonly onMessage: (bytes: Uint8Array) => void;
  /** Called when no more messages can come, although the link was not closed. */
  readonly onEnded: (cause?: unknown) => void;
}

/** The connections of one worker to its pipeline. */
export interface PipelineLink {
  /** The version of the protocol. */
  readonly version: number;
  /** Whether there is a connection to the pipeline. */
  readonly isLinked: boolean;
  /** Where jobs are to be sent to; `undefined` if they come over a connection that the worker has made. */
  readonly address: string | undefined;
  /** Whether the messages of the pipeline have the secret of the worker. */
  readonly hasSecrets: boolean;

  /** Listens, if it has to: then it has its address. */
  prepare(description: Description): Promise<void>;
  /** Connects to where the pipeline is, and no longer to where it was. */
  connect(description: Description): Promise<void>;
  /** The pipeline has said hello. @param minor Which additions to the version it knows. */
  greeted(minor: number): void;
  /** Sends to the pipeline, if it is there. Returns whether it was. */
  send(bytes: Uint8Array): boolean;
  /** Publishes to watchers, without waiting; it may be lost. */
  publish(topic: string, data: Uint8Array): void;
  /** Closes the connections; what was sent still leaves. */
  close(): Promise<void>;
}
