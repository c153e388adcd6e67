/**
 * A plugin of `deno lint`: functions and classes of `src` stay small enough to be
 * read whole. The length of a file is not limited: a class that only delegates
 * may have many methods.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { linesOfCode } from "./lib/source_text.ts";

// The rule of CONTRIBUTING.md is about 40 lines and about 10 fields: a little more
// is a matter of taste, not worth splitting anything for.
const MAX_LINES = 45;
const MAX_FIELDS = 12;

const SOURCE = fileURLToPath(new URL("../src/", import.meta.url));

type Fn =
  | Deno.lint.FunctionDeclaration
  | Deno.lint.FunctionExpression
  | Deno.lint.ArrowFunctionExpression;
type Class = Deno.lint.ClassDeclaration | Deno.lint.ClassExpression;

function checkFunctions(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  if (!isInSource(context.filename)) return {};
  const { text } = context.sourceCode;
  const check = (node: Fn): void => {
    const lines = linesOfCode(text.slice(...node.range));
    if (lines <= MAX_LINES) return;
    const message = `${lines} lines of code are more than ${MAX_LINES}`;
    context.report({ node, message });
  };
  return {
    FunctionDeclaration: check,
    FunctionExpression: check,
    ArrowFunctionExpression: check,
  };
}

function checkClasses(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  if (!isInSource(context.filename)) return {};
  const check = (node: Class): void => {
    const fields = node.body.body.filter(isState).length;
    if (fields <= MAX_FIELDS) return;
    const message = `${fields} fields are more than ${MAX_FIELDS}`;
    context.report({ node, message });
  };
  return { ClassDeclaration: check, ClassExpression: check };
}

/** Whether a member is a field that has to be kept in mind: no constant, and no bound method. */
function isState(member: Deno.lint.ClassBody["body"][number]): boolean {
  if (member.type !== "PropertyDefinition" || member.static || member.declare) {
    return false;
  }
  const { readonly, value } = member;
  const isFixed = value?.type === "Literal" ||
    value?.type === "ArrowFunctionExpression" ||
    (value?.type === "Identifier" && value.name === "undefined");
  return !(readonly && isFixed);
}

function isInSource(file: string): boolean {
  return file.startsWith(SOURCE);
}

const plugin: Deno.lint.Plugin = {
  name: "sizes",
  rules: {
    functions: { create: checkFunctions },
    classes: { create: checkClasses },
  },
};

export default plugin;
