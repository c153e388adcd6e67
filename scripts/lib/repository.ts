/**
 * Scripts. Where the project is to be found: `repository` of package.json is the
 * one place that says it, and everything that is published takes it from there.
 *
 * @module
 */
import { posix } from "node:path";

/** What package.json says of the project. */
export interface ProjectFile {
  readonly description: string;
  readonly keywords: readonly string[];
  readonly repository: { readonly type: string; readonly url: string };
}

/** The address of the repository for people, without an end: `https://…/agentzero`. */
export function addressOf({ repository }: ProjectFile): string {
  const match = repository.url.match(/^git\+(https:\/\/.+?)\.git$/);
  if (match === null) {
    throw new Error(
      `Cannot use the repository "${repository.url}" of package.json: it is to be "git+https://….git"`,
    );
  }
  return match[1]!;
}

/** What package.json of a package on npm says of the project. */
export function metadataOf(project: ProjectFile): Record<string, unknown> {
  const address = addressOf(project);
  const { description, keywords, repository } = project;
  return {
    description,
    keywords,
    homepage: `${address}#readme`,
    bugs: { url: `${address}/issues` },
    repository,
  };
}

/**
 * Makes the relative links of a Markdown text lead to the repository.
 *
 * @param text of the file
 * @param path of the file in the repository, such as `docs/cli.md`
 * @param address of the repository
 * @param ref a tag or branch; `HEAD` is the default branch
 */
export function withAbsoluteLinks(
  text: string,
  path: string,
  address: string,
  ref = "HEAD",
): string {
  const code = /(^```[^]*?^```$|`[^`\n]*`)/m;
  return text.split(code).map((part, i) =>
    i % 2 === 1 ? part : part.replace(
      /(!?)(\[(?:!\[[^\]]*\]\([^)]*\)|[^\]])*\])\(([^)\s]+)\)/g,
      (_, mark: string, words: string, target: string) => {
        const inner = withInner(words);
        return `${mark}${inner}(${absolute(target, mark === "!")})`;
      },
    )
  ).join("");

  /** A picture inside the words of a link. */
  function withInner(words: string): string {
    return words.replace(
      /!(\[[^\]]*\])\(([^)\s]+)\)/,
      (_, alt: string, target: string) => `!${alt}(${absolute(target, true)})`,
    );
  }

  function absolute(target: string, isPicture: boolean): string {
    if (/^([a-z][a-z+.-]*:|#|\/\/)/i.test(target)) return target;
    const file = posix.join(posix.dirname(path), target);
    return `${address}/${isPicture ? "raw" : "blob"}/${ref}/${file}`;
  }
}
