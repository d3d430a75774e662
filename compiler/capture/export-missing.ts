import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { nearestNames } from "../../kernel/nearest.js";
import { moduleName } from "./analyze.js";
import { importModule } from "./import-module.js";
import type { ModuleGraph } from "./meaning.js";
import type { ParsedModule } from "./module.js";
import { childrenOf, type Node } from "./node.js";

/**
 * Node's refusal to link the bundle (a module outside it has no such export), told at the script's import.
 * Undefined for other errors.
 */
export async function missingExport(
  error: unknown,
  modules: readonly ParsedModule[],
  graph: ModuleGraph,
): Promise<Diagnostic | undefined> {
  if (!(error instanceof SyntaxError)) return undefined;
  const match =
    /requested module '([^']+)' does not provide an export named '([^']+)'/.exec(error.message) ??
    /Named export '(?<name>[^']+)' not found\. The requested module '(?<url>[^']+)'/.exec(error.message);
  if (match === null) return undefined;
  const url = match.groups?.url ?? (match[1] as string);
  const name = match.groups?.name ?? (match[2] as string);
  for (const module of modules) {
    for (const statement of module.program.body as Node[]) {
      const source = statement.source as Node | null | undefined;
      if (source == null || statement.importKind === "type") continue;
      const target = await graph.resolve(module.file.path, source.value as string);
      if (!("url" in target) || target.url !== url) continue;
      const at = specifierOf(statement, name);
      if (at === undefined) continue;
      return {
        code: "TSP2004",
        failure: "name",
        severity: "error",
        message: `"${source.value as string}" has no export "${name}"`,
        span: { file: module.file, start: at.start, end: at.end },
        ...(await hints(url, name)),
      };
    }
  }
  return undefined;
}

function specifierOf(statement: Node, name: string): Node | undefined {
  for (const specifier of childrenOf(statement)) {
    if (specifier.type === "ImportDefaultSpecifier" && name === "default") return specifier;
    const imported = (specifier.imported ?? (specifier.type === "ExportSpecifier" ? specifier.local : undefined)) as
      | Node
      | undefined;
    if (imported !== undefined && moduleName(imported) === name) return imported;
  }
  return undefined;
}

async function hints(url: string, name: string): Promise<Pick<Diagnostic, "hints">> {
  const exports: object = await importModule(url).catch(() => ({}));
  const [near] = nearestNames(name, Object.keys(exports), 1);
  return near === undefined ? {} : { hints: [`did you mean "${near}"?`] };
}
