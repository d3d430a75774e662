import { KERNEL_CALLS } from "../../dsl/surface.js";
import type { ExportTarget, ParsedModule } from "./module.js";
import { type Node, unwrap } from "./node.js";
import type { ImportTarget } from "./resolve.js";
import type { Binding, Scope } from "./scope.js";

/** What an expression stands for, as far as that can be said without running the script. */
export type Meaning =
  /** Something exported by tsprobe: from "tsprobe", the name "tracepoint". Name "*" is the module itself. */
  | { readonly kind: "own"; readonly from: string; readonly name: string }
  | { readonly kind: "namespace"; readonly module: ParsedModule }
  /** A declaration in a file of the script. */
  | { readonly kind: "local"; readonly module: ParsedModule; readonly binding: Binding };

/** The other files of a script, as the search below needs them. */
export interface ModuleGraph {
  resolve(importer: string, specifier: string): Promise<ImportTarget>;
  /** The parsed file; undefined for one that is not JavaScript or TypeScript, or does not parse (reported elsewhere). */
  moduleAt(path: string): Promise<ParsedModule | undefined>;
}

/**
 * Follows a name through import bindings, simple aliases and re-exports of local files, any depth.
 * Cyclic re-exports end the search without a result.
 */
export class MeaningFinder {
  readonly #graph: ModuleGraph;

  constructor(graph: ModuleGraph) {
    this.#graph = graph;
  }

  /** What a callee or another simple expression stands for: a name, or a member of a namespace. */
  async ofExpression(
    module: ParsedModule,
    scope: Scope,
    expression: Node,
    seen = new Set<unknown>(),
  ): Promise<Meaning | undefined> {
    const node = unwrap(expression);
    if (node.type === "Identifier") {
      const binding = scope.lookup(node.name as string);
      return binding && this.ofBinding(module, binding, seen);
    }
    if (node.type !== "MemberExpression") return undefined;
    const property = memberName(node);
    if (property === undefined) return undefined;
    return this.#member(await this.ofExpression(module, scope, node.object as Node, seen), property, seen);
  }

  async ofBinding(module: ParsedModule, binding: Binding, seen = new Set<unknown>()): Promise<Meaning | undefined> {
    if (seen.has(binding)) return undefined;
    seen.add(binding);
    const { imported, alias } = binding;
    if (imported !== undefined) return this.#ofImport(module, imported.source, imported.name, seen);
    const self: Meaning = { kind: "local", module, binding };
    if (alias === undefined) return self;
    const meaning = await this.ofExpression(module, binding.scope, alias.init, seen);
    const target = alias.property === undefined ? meaning : await this.#member(meaning, alias.property, seen);
    return target?.kind === "local" ? self : (target ?? self);
  }

  async #ofImport(importer: ParsedModule, source: string, name: string, seen: Set<unknown>): Promise<Meaning | undefined> {
    const target = await this.#graph.resolve(importer.file.path, source);
    if (target.kind === "own") return { kind: "own", from: target.name, name };
    if (target.kind !== "file") return undefined;
    const module = await this.#graph.moduleAt(target.path);
    if (module === undefined) return undefined;
    return name === "*" ? { kind: "namespace", module } : this.#ofExport(module, name, seen);
  }

  async #ofExport(module: ParsedModule, name: string, seen: Set<unknown>): Promise<Meaning | undefined> {
    const step = `${module.file.path}\0${name}`;
    if (seen.has(step)) return undefined;
    seen.add(step);
    const target: ExportTarget | undefined = module.exports.get(name);
    if (target?.kind === "from") return this.#ofImport(module, target.source, target.name, seen);
    if (target?.kind === "local") {
      const binding = module.analysis.scope.bindings.get(target.name);
      return binding && this.ofBinding(module, binding, seen);
    }
    if (name === "default") return undefined;
    for (const source of module.stars) {
      const found = await this.#ofStar(module, source, name, seen);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async #ofStar(module: ParsedModule, source: string, name: string, seen: Set<unknown>): Promise<Meaning | undefined> {
    const target = await this.#graph.resolve(module.file.path, source);
    // Which names tsprobe exports is not known here, apart from those that take kernel functions.
    if (target.kind === "own" && !(target.name === "tsprobe" && Object.hasOwn(KERNEL_CALLS, name))) return undefined;
    return this.#ofImport(module, source, name, seen);
  }

  async #member(object: Meaning | undefined, property: string, seen: Set<unknown>): Promise<Meaning | undefined> {
    if (object?.kind === "own" && object.name === "*") return { ...object, name: property };
    if (object?.kind === "namespace") return this.#ofExport(object.module, property, seen);
    return undefined;
  }
}

function memberName(node: Node): string | undefined {
  const property = node.property as Node;
  if (node.computed !== true) return property.type === "Identifier" ? (property.name as string) : undefined;
  return property.type === "Literal" && typeof property.value === "string" ? property.value : undefined;
}
