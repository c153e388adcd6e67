/**
 * Layer: pipeline/protocol. The names of members: camelCase in TypeScript,
 * snake_case on the wire and in JSON over HTTP. Only the tables here know both;
 * what is sent for each job is written out where it is made: a submission in
 * `client/pipeline_client.ts`, a flow in `server/views.ts`.
 * Names within payloads and log records are never changed.
 *
 * @module
 */

import { setMember } from "../model/former_names.ts";
import {
  EVENT_FIELDS,
  type Field,
  FLOW_FIELDS,
  JOB_FIELDS,
  snakeCase,
} from "../model/record_fields.ts";

/** A member of an object on the wire. */
interface Member {
  /** Its name in TypeScript. */
  readonly name: string;
  /** Its name on the wire. */
  readonly wire: string;
  /** What it holds, or each item of the list that it holds. */
  readonly shape?: Shape;
}

/** The members of an object on the wire. */
export interface Shape {
  readonly byName: ReadonlyMap<string, Member>;
  /** Also by former names on the wire. */
  readonly byWire: ReadonlyMap<string, Member>;
  /** Whether it may have other members, whose names stay as they are. */
  readonly isOpen: boolean;
}

/** Former names on the wire, by the names of today in TypeScript. */
const FORMER: Readonly<Record<string, string>> = { payload: "instructions" };

/**
 * Describes an object on the wire.
 *
 * @param names The names of its members in TypeScript, with spaces between.
 * @param inner The shapes of those that hold objects, or lists of objects.
 */
function shape(
  names: string,
  inner: Readonly<Record<string, Shape>> = {},
  isOpen = false,
): Shape {
  const members = names.split(" ").map((name): Member => ({
    name,
    wire: snakeCase(name),
    shape: inner[name],
  }));
  const former = members.filter(({ name }) => Object.hasOwn(FORMER, name))
    .map((member) => [FORMER[member.name]!, member] as const);
  return {
    byName: new Map(members.map((member) => [member.name, member])),
    byWire: new Map([
      ...members.map((member) => [member.wire, member] as const),
      ...former,
    ]),
    isOpen,
  };
}

/** The names of the members that clients see. */
function shownOf(fields: readonly Field[]): string {
  return fields.filter(({ isShown }) => isShown).map(({ name }) => name)
    .join(" ");
}

const FLOW_NAMES = shownOf(FLOW_FIELDS);

/** Why a flow failed. */
export const FAILURE: Shape = shape("jobId jobType attempts", {}, true);

/** A flow. */
export const FLOW: Shape = shape(FLOW_NAMES, { error: FAILURE });

/** A job. */
export const JOB: Shape = shape(shownOf(JOB_FIELDS));

/** A flow and its jobs. */
export const STATUS: Shape = shape(`${FLOW_NAMES} jobCount jobs`, {
  error: FAILURE,
  jobs: JOB,
});

/** A line of a job's timeline. */
export const EVENT: Shape = shape(`id ${shownOf(EVENT_FIELDS)}`);

/** A worker. */
export const WORKER: Shape = shape(
  "id jobType stepName address host pid runtime concurrency credit draining " +
    "jobs joinedAt heardAt linked suspect",
);

/** A pipeline at a glance. */
export const STATS: Shape = shape("counts jobTypes workers errors members", {
  counts: shape("jobType state count"),
  jobTypes: shape("jobType waiting running paused"),
  workers: WORKER,
  members: shape("address host pid since leads shards"),
});

/** A flow that is submitted on a schedule. */
export const SCHEDULE: Shape = shape(
  "id flow cron timezone payload missed priority declared paused nextAt " +
    "lastAt lastId",
);

/** A retry policy. */
export const RETRY: Shape = shape(
  "attempts delayMs maxDelayMs backoff jitter",
);

/** What a worker announces. */
export const AVAILABLE: Shape = shape(
  "v minor id address jobType stepName host pid runtime concurrency credit running " +
    "draining publicKey",
);

/**
 * What watchers receive, by the first part of its topic. Members without a shape
 * stay as they are.
 */
const FEED: Readonly<Record<string, Shape>> = {
  job: shape("jobType flowId", {}, true),
  logs: shape("jobId", {}, true),
  available: { ...AVAILABLE, isOpen: true },
};

/** An object as it is on the wire: with the members of its shape. */
export function toWire(
  value: object,
  { byName, isOpen }: Shape,
): Record<string, unknown> {
  const converted: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const held = (value as Record<string, unknown>)[name];
    const member = byName.get(name);
    if (member === undefined) {
      if (isOpen) setMember(converted, name, held);
    } else converted[member.wire] = within(held, member.shape, toWire);
  }
  return converted;
}

/** An object from the wire, with names as in TypeScript; unknown members stay as they are. */
export function fromWire(
  value: object,
  { byWire }: Shape,
): Record<string, unknown> {
  const converted: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const held = (value as Record<string, unknown>)[name];
    const member = byWire.get(name);
    if (member === undefined) setMember(converted, name, held);
    else converted[member.name] = within(held, member.shape, fromWire);
  }
  return converted;
}

/** An event for watchers, as it is on the wire. */
export function feedToWire(topic: string, data: unknown): unknown {
  return within(data, feedShape(topic), toWire);
}

/** An event from the wire, with names as in TypeScript. */
export function feedFromWire(topic: string, data: unknown): unknown {
  return within(data, feedShape(topic), fromWire);
}

function feedShape(topic: string): Shape | undefined {
  const kind = topic.split(":", 1)[0]!;
  return Object.hasOwn(FEED, kind) ? FEED[kind] : undefined;
}

/** Converts an object, or each item of an array; other values stay as they are. */
function within(
  value: unknown,
  shape: Shape | undefined,
  convert: (value: object, shape: Shape) => object,
): unknown {
  if (shape === undefined || typeof value !== "object" || value === null) {
    return value;
  }
  return Array.isArray(value)
    ? value.map((item) => within(item, shape, convert))
    : convert(value, shape);
}
