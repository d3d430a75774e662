import { extname } from "node:path";
import type * as OxcParser from "oxc-parser";
import type { OxcError } from "oxc-parser";
import { type Diagnostic, DiagnosticError, type Label } from "../../diagnostics/diagnostic.js";
import type { SourceFile, Span } from "../../diagnostics/span.js";
import { type Analysis, analyzeModule, moduleName, NestedTooDeeply } from "./analyze.js";
import { tooDeepBracket } from "./bracket-depth.js";
import { importModule } from "./import-module.js";
import type { Node } from "./node.js";
import { wordSyntaxError } from "./syntax-message.js";

/** What an exported name stands for. */
export type ExportTarget =
  | { readonly kind: "local"; readonly name: string }
  /** `export { name as … } from "source"`; name "*" is the module itself. */
  | { readonly kind: "from"; readonly source: string; readonly name: string };

/** A script file, parsed and with its names resolved. */
export interface ParsedModule {
  readonly file: SourceFile;
  readonly program: Node;
  readonly analysis: Analysis;
  readonly exports: ReadonlyMap<string, ExportTarget>;
  /** Sources of `export * from`. */
  readonly stars: readonly string[];
}

/** The language of a script file, or undefined if kernel functions are not looked for in such files. */
export function languageOf(path: string): "ts" | "js" | undefined {
  const extension = extname(path);
  if (extension === ".ts" || extension === ".mts") return "ts";
  if (extension === ".js" || extension === ".mjs") return "js";
  return undefined;
}

/**
 * Parses a script file.
 * @throws DiagnosticError with every syntax error the parser reports
 */
export async function parseModule(file: SourceFile, language: "ts" | "js"): Promise<ParsedModule> {
  const { parseSync } = (await importModule("oxc-parser")) as typeof OxcParser;
  const tooDeep = tooDeepBracket(file.text);
  if (tooDeep !== undefined) refuseDepth({ file, start: tooDeep, end: tooDeep + 1 });
  const commonJsToo = extname(file.path) === ".js";
  const result = parseSync(file.path, file.text, {
    lang: language,
    sourceType: commonJsToo ? "unambiguous" : "module",
    preserveParens: false,
  });
  if (result.errors.length > 0) throw new DiagnosticError(result.errors.map((error) => syntaxDiagnostic(file, error)));
  const program = result.program as unknown as Node;
  return { file, program, analysis: analyze(file, program), ...exportsOf(program) };
}

function analyze(file: SourceFile, program: Node): Analysis {
  try {
    return analyzeModule(program);
  } catch (error) {
    if (!(error instanceof NestedTooDeeply)) throw error;
    const { start, end } = error.node;
    return refuseDepth({ file, start, end });
  }
}

function refuseDepth(span: Span): never {
  throw new DiagnosticError({
    code: "TSP2006",
    failure: "language",
    severity: "error",
    message: "this is nested too deeply to be read",
    span,
    hints: ["split it: a sum of thousands of terms is a sum of sums, each in a const, or a loop"],
  });
}

function syntaxDiagnostic(file: SourceFile, error: OxcError): Diagnostic {
  const labels = error.labels.map(
    (label): Label => ({
      span: { file, start: label.start, end: label.end },
      message: label.message === "Opened here" ? "opened here" : (label.message ?? ""),
    }),
  );
  const [first, ...rest] = labels;
  const { message, hint } = wordSyntaxError(error, first?.span);
  return {
    code: "TSP2003",
    failure: "syntax",
    severity: "error",
    message:
      first?.message && !/^`.+` expected$/.test(first.message) ? `${message}: ${first.message.replace(/\.$/, "")}` : message,
    ...(first === undefined ? {} : { span: first.span }),
    ...(rest.length === 0 ? {} : { labels: rest }),
    ...(hint === undefined ? {} : { hints: [hint] }),
  };
}

function exportsOf(program: Node): Pick<ParsedModule, "exports" | "stars"> {
  const exports = new Map<string, ExportTarget>();
  const stars: string[] = [];
  for (const statement of program.body as Node[]) {
    if (statement.exportKind === "type") continue;
    const source = (statement.source as Node | null | undefined)?.value as string | undefined;
    if (statement.type === "ExportAllDeclaration" && source !== undefined) {
      if (statement.exported === null) stars.push(source);
      else exports.set(moduleName(statement.exported as Node), { kind: "from", source, name: "*" });
    } else if (statement.type === "ExportNamedDeclaration") {
      for (const specifier of statement.specifiers as Node[]) {
        const name = moduleName(specifier.local as Node);
        const target: ExportTarget = source === undefined ? { kind: "local", name } : { kind: "from", source, name };
        exports.set(moduleName(specifier.exported as Node), target);
      }
      for (const name of declaredNames(statement.declaration as Node | null)) exports.set(name, { kind: "local", name });
    } else if (statement.type === "ExportDefaultDeclaration") {
      const declaration = statement.declaration as Node;
      const name = (declaration.type === "Identifier" ? declaration : (declaration.id as Node | null | undefined))?.name;
      if (typeof name === "string") exports.set("default", { kind: "local", name });
    }
  }
  return { exports, stars };
}

function declaredNames(declaration: Node | null): string[] {
  if (declaration === null) return [];
  if (declaration.type !== "VariableDeclaration") {
    const name = (declaration.id as Node | null | undefined)?.name;
    return typeof name === "string" ? [name] : [];
  }
  return (declaration.declarations as Node[]).flatMap((declarator) => patternNames(declarator.id as Node));
}

function patternNames(pattern: Node | null): string[] {
  switch (pattern?.type) {
    case "Identifier":
      return [pattern.name as string];
    case "AssignmentPattern":
      return patternNames(pattern.left as Node);
    case "RestElement":
      return patternNames(pattern.argument as Node);
    case "ArrayPattern":
      return (pattern.elements as (Node | null)[]).flatMap(patternNames);
    case "ObjectPattern":
      return (pattern.properties as Node[]).flatMap((p) => patternNames(p.type === "Property" ? (p.value as Node) : p));
    default:
      return [];
  }
}
