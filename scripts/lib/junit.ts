/**
 * Scripts. Reads what each test came to from the JUnit XML that Deno, Bun and
 * Node write. Reads no other XML.
 *
 * @module
 */

/** One test that was declared, with its end. */
export interface TestResult {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** Why it was skipped, where the harness says so. */
  readonly reason?: string;
}

const ATTRIBUTES = String.raw`((?:\s+[\w-]+="[^"]*")*)\s*`;
const TEST = new RegExp(
  `<testcase${ATTRIBUTES}(?:/>|>([^]*?)</testcase>)`,
  "g",
);

/**
 * Lists the tests of a report, in its order.
 *
 * @param xml of any of the three runtimes
 */
export function resultsIn(xml: string): TestResult[] {
  return [...xml.matchAll(TEST)].map(([, attributes = "", body = ""]) => {
    const title = unescape(attributes.match(/\sname="([^"]*)"/)?.[1] ?? "");
    if (/<skipped[\s/>]/.test(body)) {
      const [, name = title, reason] =
        title.match(/^(.*?) \(skipped: (.*)\)$/) ?? [];
      return { name, outcome: "skipped", ...(reason && { reason }) };
    }
    const hasFailed = /<(failure|error)[\s/>]/.test(body);
    return { name: title, outcome: hasFailed ? "failed" : "passed" };
  });
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/** Node escapes quotes twice. */
function unescape(text: string): string {
  return text.replaceAll("&amp;quot;", "&quot;").replace(
    /&(?:#(\d+)|(\w+));/g,
    (whole, number, name) =>
      number ? String.fromCodePoint(Number(number)) : ENTITIES[name] ?? whole,
  );
}
