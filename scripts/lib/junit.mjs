/**
 * Scripts. Reads what each test came to from the JUnit XML that Deno, Bun and
 * Node write. Reads no other XML.
 *
 * @module
 */

/**
 * One test that was declared, with its end, and why it was skipped where the
 * harness says so.
 *
 * @typedef {{
 *   readonly name: string,
 *   readonly outcome: "passed" | "failed" | "skipped",
 *   readonly reason?: string,
 * }} TestResult
 */

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

const ATTRIBUTES = String.raw`((?:\s+[\w-]+="[^"]*")*)\s*`;
const TEST = new RegExp(
  `<testcase${ATTRIBUTES}(?:/>|>([^]*?)</testcase>)`,
  "g",
);

/**
 * Lists the tests of a report, in its order.
 *
 * @param {string} xml of any of the three runtimes
 * @returns {TestResult[]}
 */
export function resultsIn(xml) {
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

/**
 * Counts tests by how they ended.
 *
 * @param {readonly TestResult[]} results
 * @returns {Counts}
 */
export function countsOf(results) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { outcome } of results) counts[outcome]++;
  return counts;
}

/**
 * Makes one report of several.
 *
 * @param {readonly { readonly name: string, readonly xml: string }[]} reports each with a name for what it is about
 * @returns {string}
 */
export function joined(reports) {
  const suites = reports.flatMap(({ name, xml }) => {
    const start = xml.match(/<testsuites[^>]*>/);
    const end = xml.lastIndexOf("</testsuites>");
    if (start === null || end < 0) return []; // of a process that was killed
    const tests = xml.slice(start.index + start[0].length, end).trim();
    // Node's tests stand in no suite.
    return /^<testsuite\s/.test(tests)
      ? [tests]
      : [`<testsuite name="${escape(name)}">\n${tests}\n</testsuite>`];
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${
    suites.join("\n")
  }\n</testsuites>\n`;
}

const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Node escapes quotes twice. */
function unescape(text) {
  return text.replaceAll("&amp;quot;", "&quot;").replace(
    /&(?:#(\d+)|(\w+));/g,
    (whole, number, name) =>
      number ? String.fromCodePoint(Number(number)) : ENTITIES[name] ?? whole,
  );
}

function escape(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll('"', "&quot;");
}
