/** What both structured serializers must refuse, and where. */
export interface RefusedCase {
  readonly name: string;
  readonly value: unknown;
  readonly path: string;
  readonly reason: string;
}

const cycle: Record<string, unknown> = { a: [] };
(cycle.a as unknown[]).push({ back: cycle });

/** A value nested `depth` arrays deep. */
export function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

/** Refused by JSON and MSGPACK alike. */
export const refusedByBoth: readonly RefusedCase[] = [
  { name: "undefined", value: undefined, path: "$", reason: "undefined" },
  {
    name: "a nested undefined",
    value: { a: [1, 2, 3, [undefined]] },
    path: "$.a[3][0]",
    reason: "undefined",
  },
  {
    name: "a hole in an array",
    // deno-lint-ignore no-sparse-arrays
    value: { list: [1, , 3] },
    path: "$.list[1]",
    reason: "undefined",
  },
  {
    name: "a function",
    value: { run: function start() {} },
    path: "$.run",
    reason: "the function start",
  },
  {
    name: "a symbol",
    value: [Symbol("s")],
    path: "$[0]",
    reason: "Symbol(s)",
  },
  { name: "a cycle", value: cycle, path: "$.a[0].back", reason: "a cycle" },
  { name: "a Set", value: [new Set([1])], path: "$[0]", reason: "type Set" },
  {
    name: "an Error",
    value: { error: Object.assign(new Error("x"), { code: "E" }) },
    path: "$.error",
    reason: "type Error",
  },
  {
    name: "a promise",
    value: [Promise.resolve(1)],
    path: "$[0]",
    reason: "type Promise",
  },
  {
    name: "an object whose content is hidden",
    value: { items: [1].values() },
    path: "$.items",
    reason: "type Array Iterator",
  },
  {
    name: "an invalid date",
    value: { at: new Date(NaN) },
    path: "$.at",
    reason: "an invalid date",
  },
  {
    name: "an undefined from toJSON",
    value: { x: { toJSON: () => undefined } },
    path: "$.x",
    reason: "undefined",
  },
  {
    name: "a toJSON that throws",
    value: {
      x: {
        toJSON() {
          throw new Error("mine");
        },
      },
    },
    path: "$.x",
    reason: "mine",
  },
  {
    name: "a getter that throws",
    value: [
      new URL("http://h/"),
      {
        get x() {
          throw new Error("mine");
        },
      },
    ],
    path: "$[1].x",
    reason: "mine",
  },
  {
    name: "501 levels",
    value: nested(501),
    path: "$",
    reason: "nested deeper than 500 levels",
  },
];
