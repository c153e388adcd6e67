import { assertEquals } from "@std/assert";
import { Exposition } from "../../../src/pipeline/http/exposition.ts";
import { Histogram } from "../../../src/pipeline/http/histogram.ts";
import { test } from "../../support/harness.ts";

test("a metric has its help, its type, and a line for each sample", () => {
  const page = new Exposition({ pipeline: "p" });
  page.add("a_total", "counter", "How many a.", [
    [{ type: "x" }, 3],
    [{}, 0.25],
  ]);
  assertEquals(
    page.toString(),
    `# HELP a_total How many a.
# TYPE a_total counter
a_total{pipeline="p",type="x"} 3
a_total{pipeline="p"} 0.25
`,
  );
});

test("labels and help are escaped by their own rules", () => {
  const page = new Exposition();
  page.add("a", "gauge", 'back\\slash\nand "quotes"', [
    [{ l: 'a\\b\n"c" {d="e"}' }, 1],
  ]);
  assertEquals(
    page.toString(),
    String.raw`# HELP a back\\slash\nand "quotes"
# TYPE a gauge
a{l="a\\b\n\"c\" {d=\"e\"}"} 1
`,
  );
});

test("NaN and infinities are written as Prometheus does", () => {
  const page = new Exposition();
  const values = [Infinity, -Infinity, NaN, 1e21, 1e-7];
  page.add("a", "gauge", "A.", values.map((value) => [{}, value]));
  assertEquals(page.toString().split("\n").slice(2, 7), [
    "a +Inf",
    "a -Inf",
    "a NaN",
    "a 1e+21",
    "a 1e-7",
  ]);
});

test("a histogram counts upwards, to +Inf, which is its count", () => {
  const histogram = new Histogram([0.1, 1]);
  for (const seconds of [0.05, 0.1, 0.5, 7, -1]) histogram.observe(seconds);
  const page = new Exposition();
  page.addHistogram("h", "H.", [[{ t: "x" }, histogram]]);
  assertEquals(
    page.toString(),
    `# HELP h H.
# TYPE h histogram
h_bucket{t="x",le="0.1"} 3
h_bucket{t="x",le="1"} 4
h_bucket{t="x",le="+Inf"} 5
h_sum{t="x"} 7.65
h_count{t="x"} 5
`,
  );
});

test("a metric without samples is left out", () => {
  const page = new Exposition();
  page.add("a", "gauge", "A.", []);
  page.addHistogram("h", "H.", []);
  assertEquals(page.toString(), "");
});

test("the last durations give the typical ones", () => {
  const histogram = new Histogram();
  assertEquals(histogram.recent(0.5), undefined);
  for (let i = 0; i < 1000; i++) histogram.observe(9);
  for (let i = 1; i <= 256; i++) histogram.observe(i);
  assertEquals(histogram.recent(0.5), 129);
  assertEquals(histogram.recent(1), 256);
});
