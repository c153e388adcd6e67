/**
 * Test support. Says what steps, clients and watchers say to a pipeline, or
 * nearly so: JSON whose members have the values that they should have, edges of
 * them, or something else altogether.
 *
 * @module
 */
import type { Random } from "./random.ts";

/** The jobs, workers and types that are talked about: few, so that they meet. */
const JOBS = ["j1", "j2", "j3"];
const WORKERS = ["w1", "w2", "w3", "__proto__"];
const TYPES = ["a", "b", "unknown", "constructor"];
const FLOWS = ["a", "chain", "lists", "none"];

const NUMBERS = [
  ...["0", "1", "2", "-1", "3", "100", "1.5", "1e308", "-0", "2147483648"],
  ...["9007199254740991", "9007199254740993", "1e400", "4503599627370496"],
];
const TEXTS = [
  ...[
    '""',
    '"x"',
    '"\\ud800"',
    '"\\u0000\\u001b[2J"',
    '"\\u202e"',
    '"__proto__"',
  ],
  ...['"toString"', '"1.5"', '"../../etc/passwd"', '"ünï"', '"%F0%9F"'],
];
const ODD = [
  ...["null", "true", "false", "[]", "{}", "[[]]", '{"a":{"b":[]}}', "[null]"],
  ...['{"__proto__":{"x":1}}', '{"toJSON":1}', '{"then":1}', '{"length":-1}'],
];
const CRONS = [
  "* * * * *",
  "* * * * * *",
  "0 0 31 2 *",
  "*/7 * * * *",
  "@daily",
  "x",
];
const ZONES = ["UTC", "Europe/Berlin", "Nowhere/At_All", "../UTC", ""];
const CONTEXTS = [
  "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  "00-00000000000000000000000000000000-0000000000000000-00",
  "ff-xyz",
];

/** What a member may be, by its name. */
type Maker = (random: Random) => string;

const quoted = (values: readonly string[]): Maker => (random) =>
  JSON.stringify(random.pick(values));
const number: Maker = (random) =>
  random.oneIn(4) ? random.pick(NUMBERS) : String(random.below(100));
const text: Maker = (random) => random.pick(TEXTS);

const claim: Maker = (random) =>
  `{"id":${quoted(JOBS)(random)},"attempt":${small(random)}}`;

function small(random: Random): string {
  return String(random.below(4));
}

function list(one: Maker): Maker {
  return (random) => {
    const count = random.oneIn(20) ? 200 : random.below(4);
    return `[${Array.from({ length: count }, () => one(random)).join()}]`;
  };
}

/** Anything, now and then large or deep. */
const payload: Maker = (random) => {
  switch (random.below(12)) {
    case 0: {
      const depth = 1 + random.below(random.oneIn(20) ? 20_000 : 60);
      return "[".repeat(depth) + "]".repeat(depth);
    }
    case 1:
      return list(number)(random);
    case 2:
      return JSON.stringify("x".repeat(random.below(3000)));
    case 3:
      return `[${Array.from({ length: random.below(400) }, () => "1").join()}]`;
    case 4:
      return text(random);
    default:
      return random.oneIn(2) ? number(random) : random.pick(ODD);
  }
};

const MEMBERS: Readonly<Record<string, Maker>> = {
  id: (random) => quoted(random.oneIn(5) ? WORKERS : JOBS)(random),
  worker: quoted(WORKERS),
  attempt: small,
  result: payload,
  payload,
  progress: number,
  error: (random) =>
    `{"name":${text(random)},"message":${text(random)},"retryable":${
      random.pick(["true", "false", "1"])
    },"code":${text(random)},"traceback":${text(random)}}`,
  retry_after_ms: number,
  v: () => "1",
  address: (random) => JSON.stringify(`tcp://127.0.0.1:${1 + random.below(9)}`),
  job_type: quoted(TYPES),
  flow: quoted(FLOWS),
  name: quoted(FLOWS),
  step_name: text,
  host: text,
  pid: number,
  runtime: text,
  concurrency: number,
  credit: number,
  running: list(claim),
  draining: (random) => random.pick(["true", "false", "false"]),
  public_key: text,
  request_id: (random) => random.oneIn(2) ? number(random) : payload(random),
  key: quoted(JOBS),
  delay_ms: number,
  priority: number,
  retry: (random) =>
    `{"attempts":${number(random)},"delay_ms":${number(random)}}`,
  timeout_ms: number,
  traceparent: quoted(CONTEXTS),
  limit: number,
  before: quoted(JOBS),
  states: (random) =>
    list(quoted(["waiting", "active", "dead", "completed"]))(random),
  of: (random) => quoted(["jobs", "flows", "a", "w1"])(random),
  payloads: (random) => random.pick(["true", "false"]),
  wait_ms: () => "0", // nothing is waited for here
  cron: quoted(CRONS),
  timezone: quoted(ZONES),
  missed: quoted(["once", "skip", "never"]),
  epoch: text,
  max_payload_bytes: number,
  jobs: list(claim),
  flow_id: quoted(JOBS),
  links: list(quoted(CONTEXTS)),
  level: number,
  msg: text,
  args: payload,
  time: number,
};

/** What can be said, by whom: the type, and the members of it. */
const SENTENCES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // A step, to the results.
  u: {
    available:
      "v id address job_type step_name host pid runtime concurrency credit running draining public_key",
    success: "worker id attempt result traceparent",
    failed: "worker id attempt error retry_after_ms",
    progress: "worker id attempt progress",
    release: "worker id attempt",
    leave: "worker",
    hello: "v epoch",
  },
  // A client, to the requests.
  r: {
    describe: "request_id",
    submit:
      "flow job_type payload id key delay_ms priority retry timeout_ms traceparent request_id",
    status: "id limit",
    result: "id wait_ms",
    timeline: "id limit before",
    logs: "id",
    cancel: "id",
    retry: "id",
    retry_all: "job_type limit",
    list: "of name states limit before payloads",
    stats: "",
    pause: "job_type",
    resume: "job_type",
    schedule: "id flow cron timezone payload missed priority",
    unschedule: "id",
    promote: "id",
    set_priority: "id priority",
    remove: "id",
    pause_schedule: "id",
    resume_schedule: "id",
    schedules: "",
    drain: "of",
    fly: "id",
  },
  // A pipeline, to a step.
  d: {
    hello: "v epoch max_payload_bytes",
    job: "id attempt flow_id job_type payload timeout_ms traceparent links",
    settled: "jobs",
    cancel: "id attempt",
    drain: "",
  },
  // A step, to watchers.
  e: { record: "level msg args time id job_type" },
};

/** The letters of who speaks; `t` is a topic that somebody subscribes to. */
export const SPEAKERS: readonly string[] = [...Object.keys(SENTENCES), "t"];

/** A line: the letter of who speaks, and what they say. */
export function sentence(random: Random): string {
  const speaker = random.pick(["u", "u", "u", "r", "r", "r", "d", "e", "t"]);
  if (speaker === "t") return `t${topic(random)}`;
  const known = SENTENCES[speaker]!;
  const type = random.pick(Object.keys(known));
  const members = known[type]!.split(" ").filter((name) => name !== "");
  // Jobs are begun at first, so that there is something to talk about.
  const parts = [`"type":${JSON.stringify(type)}`];
  for (const name of members) {
    if (random.oneIn(40)) continue;
    const make = random.oneIn(40) ? anything : MEMBERS[name]!;
    parts.push(`"${name}":${make(random)}`);
  }
  if (random.oneIn(40)) parts.push(`"__proto__":${payload(random)}`);
  return `${speaker}{${parts.join()}}`;
}

/** What makes it likely that the rest is about something. */
export const OPENING: readonly string[] = [
  'r{"type":"submit","flow":"a","id":"j1","payload":1}',
  'r{"type":"submit","flow":"chain","id":"j2","payload":{}}',
  'r{"type":"submit","flow":"lists","id":"j3","payload":[1,2,3]}',
  ...["a", "b"].map((type, i) =>
    `u{"type":"available","v":1,"id":"w${
      i + 1
    }","address":"tcp://127.0.0.1:1",` +
    `"job_type":"${type}","step_name":"s","host":"h","pid":1,"runtime":"r",` +
    `"concurrency":4,"credit":4,"running":[],"draining":false}`
  ),
];

const anything: Maker = (random) =>
  random.pick<Maker>([number, text, payload, payload])(random);

function topic(random: Random): string {
  const sign = random.pick(["\x00", "\x01", "\x01", "\x02", ""]);
  const rest = random.pick(["", "job:", "logs:a:", "metric:", "available"]);
  return sign + rest + "x".repeat(random.oneIn(10) ? random.below(3000) : 0);
}
