import { assertEquals } from "@std/assert";
import { countsOf, joined, resultsIn } from "../../scripts/lib/junit.mjs";
import { test } from "../support/harness.ts";

const RESULTS = [
  { name: `it's "so" <here> & ↔`, outcome: "passed" },
  { name: "asks", outcome: "skipped", reason: "no peer (yet) here" },
  { name: "fails", outcome: "failed" },
];

const DENO = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="3" failures="1" errors="0" time="0.010">
    <testsuite name="./harness.ts" tests="3" disabled="1" errors="0" failures="1">
        <testcase name="it&apos;s &quot;so&quot; &lt;here&gt; &amp; ↔" time="0.001" line="171" col="12">
        </testcase>
        <testcase name="asks (skipped: no peer (yet) here)" time="0.000" line="171" col="12">
            <skipped/>
        </testcase>
        <testcase name="fails" time="0.001" line="171" col="12">
            <failure message="Uncaught Error: &lt;skipped/&gt;
 x">Error: &lt;skipped/&gt;</failure>
        </testcase>
    </testsuite>
</testsuites>`;

test("a report of Deno is read", () => {
  assertEquals(resultsIn(DENO), RESULTS);
});

const BUN = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="bun test" tests="3" failures="1" skipped="1" time="0.01">
  <testsuite name="x.test.ts" file="x.test.ts" tests="3" hostname="vm">
    <testcase name="it&apos;s &quot;so&quot; &lt;here&gt; &amp; ↔" classname="" time="0.000991" line="109" />
    <testcase name="asks (skipped: no peer (yet) here)" classname="" time="0" line="109">
      <skipped />
    </testcase>
    <testcase name="fails" classname="" time="0.000198" line="109">
      <failure type="Error" message="no&#10; /&gt;">Error: no&#10; at x</failure>
    </testcase>
  </testsuite>
</testsuites>`;

test("a report of Bun is read", () => {
  assertEquals(resultsIn(BUN), RESULTS);
});

const NODE = `<?xml version="1.0" encoding="utf-8"?>
<testsuites>
	<testcase name="it's &amp;quot;so&amp;quot; &lt;here> &amp; ↔" time="0.001557" classname="test"/>
	<testcase name="asks (skipped: no peer (yet) here)" time="0.000151" classname="test">
		<skipped type="skipped" message="true"/>
	</testcase>
	<testcase name="fails" time="0.000472" classname="test" failure="no /> x">
		<failure type="testCodeFailure" message="no /> x">
[Error [ERR_TEST_FAILURE]: no /> x]
		</failure>
	</testcase>
	<!-- tests 3 -->
</testsuites>`;

test("a report of Node is read, which does not escape everything", () => {
  assertEquals(resultsIn(NODE), RESULTS);
});

test("text that is not a report has no results", () => {
  for (const text of ["", "<testsuites/>", "<testcase name=", "passed"]) {
    assertEquals(resultsIn(text), []);
  }
});

test("tests are counted by how they ended", () => {
  const results = resultsIn(
    `<testsuites>${DENO}${BUN}</testsuites>`,
  );
  assertEquals(countsOf(results), { passed: 2, failed: 2, skipped: 2 });
  assertEquals(countsOf([]), { passed: 0, failed: 0, skipped: 0 });
});

test("reports of several processes become one", () => {
  const all = joined([
    { name: "a", xml: DENO },
    { name: "b", xml: BUN },
    { name: `tests/<"&>`, xml: NODE },
  ]);
  assertEquals(resultsIn(all), [...RESULTS, ...RESULTS, ...RESULTS]);
  assertEquals(all.match(/<testsuites/g)?.length, 1);
  assertEquals(all.match(/<testsuite /g)?.length, 3);
  assertEquals(all.includes('<testsuite name="tests/&lt;&quot;&amp;>">'), true);
});

test("a process that was killed has a part of a report, or none, and harms no other", () => {
  const all = joined([
    { name: "a", xml: "" },
    { name: "b", xml: BUN.slice(0, BUN.length / 2) },
    { name: "c", xml: NODE },
  ]);
  assertEquals(resultsIn(all), RESULTS);
});
