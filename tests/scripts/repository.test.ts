import { assert, assertEquals, assertThrows } from "@std/assert";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  addressOf,
  metadataOf,
  withAbsoluteLinks,
} from "../../scripts/lib/repository.ts";
import { test } from "../support/harness.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const PROJECT = JSON.parse(read("package.json"));
const AT = "https://example.org/a/b";

test("what npm shows of the project comes from package.json", () => {
  const metadata = metadataOf({
    description: "it",
    keywords: ["one"],
    repository: { type: "git", url: `git+${AT}.git` },
  });
  assertEquals(metadata, {
    description: "it",
    keywords: ["one"],
    homepage: `${AT}#readme`,
    bugs: { url: `${AT}/issues` },
    repository: { type: "git", url: `git+${AT}.git` },
  });
  assert(addressOf(PROJECT).startsWith("https://"));
});

test("an address of another form is an error", () => {
  for (const url of ["", "github:a/b", "git@example.org:a/b.git", AT]) {
    const repository = { type: "git", url };
    assertThrows(
      () => addressOf({ description: "", keywords: [], repository }),
      Error,
      `"${url}"`,
    );
  }
});

test("relative links lead to the repository, pictures to the picture itself", () => {
  const text = `
[docs](docs/README.md#top), [up](../LICENSE), ![x](images/a.png) and
[![badge](images/b.svg)](pipeline/README.md).`;
  assertEquals(
    withAbsoluteLinks(text, "docs/page.md", AT, "v1.0.0"),
    `
[docs](${AT}/blob/v1.0.0/docs/docs/README.md#top), [up](${AT}/blob/v1.0.0/LICENSE), ![x](${AT}/raw/v1.0.0/docs/images/a.png) and
[![badge](${AT}/raw/v1.0.0/docs/images/b.svg)](${AT}/blob/v1.0.0/docs/pipeline/README.md).`,
  );
});

test("other links and code stay as they are", () => {
  const text = `
[a](https://pypi.org/project/x/) [b](#here) [c](mailto:a@b.c) \`[d](e.md)\`

\`\`\`ts
const x = list[0](docs);
\`\`\`
`;
  assertEquals(withAbsoluteLinks(text, "README.md", AT), text);
});

test("what is published links to files that are there", () => {
  for (const path of ["README.md", "CHANGELOG.md", "scripts/npm_readme.md"]) {
    const text = withAbsoluteLinks(read(path), path, AT);
    const inside = new RegExp(`\\]\\(${AT}/(?:blob|raw)/HEAD/([^)#]*)`, "g");
    const files = [...text.matchAll(inside)].map(([, file]) => file!);
    assert(path === "CHANGELOG.md" || files.length > 5, path);
    for (const file of files) assert(existsSync(join(root, file)), file);
    assertEquals(withAbsoluteLinks(text, path, AT), text);
  }
});

test("package.json and deno.json say the same of the project", () => {
  const { name, version, license, exports } = JSON.parse(read("deno.json"));
  assertEquals(
    [PROJECT.name, PROJECT.version, PROJECT.license],
    [name, version, license],
  );
  const { "./package.json": _, ...entries } = PROJECT.exports;
  assertEquals(entries, exports);
});
