import type { Diagnostic, Label } from "../../diagnostics/diagnostic.js";
import type { SourceFile, Span } from "../../diagnostics/span.js";
import type { MeaningFinder } from "./meaning.js";
import type { ParsedModule } from "./module.js";
import type { Node } from "./node.js";
import type { FreeVariable } from "./record.js";
import type { Binding, Reference } from "./scope.js";

export interface FreeVariables {
  readonly free: readonly FreeVariable[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The names a kernel function uses from outside itself, and an error for each that the kernel cannot see. */
export async function findFreeVariables(module: ParsedModule, fn: Node, meanings: MeaningFinder): Promise<FreeVariables> {
  const { file, analysis } = module;
  const first = new Map<string, { reference: Reference; binding: Binding | undefined }>();
  for (const reference of analysis.references) {
    if (!isInside(reference, fn)) continue;
    const binding = reference.scope.lookup(reference.name);
    if (binding !== undefined && isInside(binding, fn)) continue;
    const known = first.get(reference.name);
    if (known === undefined || reference.start < known.reference.start) first.set(reference.name, { reference, binding });
  }
  const free: FreeVariable[] = [];
  const diagnostics: Diagnostic[] = [];
  const inOrder = [...first.values()].sort((a, b) => a.reference.start - b.reference.start);
  for (const { reference, binding } of inOrder) {
    const use = spanOf(file, reference);
    const { name } = reference;
    if (binding === undefined) {
      free.push({ name, reference: use, kind: "global" });
      continue;
    }
    const refusal = await refusalOf(module, binding, meanings);
    if (refusal === undefined) free.push({ name, reference: use, declaration: spanOf(file, binding), kind: binding.kind });
    else diagnostics.push({ code: "TSP2012", failure: "language", severity: "error", span: use, ...refusal });
  }
  return { free, diagnostics };
}

function isInside(place: { start: number; end: number }, node: Node): boolean {
  return place.start >= node.start && place.end <= node.end;
}

function spanOf(file: SourceFile, place: { start: number; end: number }): Span {
  return { file, start: place.start, end: place.end };
}

type Refusal = Pick<Diagnostic, "message" | "labels" | "hints">;

async function refusalOf(module: ParsedModule, binding: Binding, meanings: MeaningFinder): Promise<Refusal | undefined> {
  const here: Label = { span: spanOf(module.file, binding), message: "declared here" };
  if (binding.imported?.typeOnly === true) {
    const message = `kernel code uses the value of "${binding.name}", which is imported as a type only`;
    return { message, labels: [{ ...here, message: "imported here" }], hints: ['import it without "type"'] };
  }
  if (binding.kind !== "import") return explain(binding.name, binding, here);
  const meaning = await meanings.ofBinding(module, binding);
  if (meaning?.kind !== "local") return undefined;
  const there: Label = { span: spanOf(meaning.module.file, meaning.binding), message: "declared here" };
  return explain(binding.name, meaning.binding, there);
}

function explain(name: string, { kind, scope }: Binding, declared: Label): Refusal | undefined {
  const makeConst = "make it a module-level const";
  const labels = [declared];
  switch (kind) {
    case "let":
    case "var":
      return {
        message: `kernel code cannot use the ${kind} variable "${name}"`,
        labels,
        hints: [makeConst, "a value that changes while the probe runs belongs in a map, such as hash({ … })"],
      };
    case "function":
      return {
        message: `kernel code cannot use the plain function "${name}"`,
        labels,
        hints: [`wrap the helper in fn(…): const ${name} = fn((…) => …)`],
      };
    case "class":
      return {
        message: `kernel code cannot use the class "${name}"`,
        labels,
        hints: ["use numbers, bigints, strings or plain objects in a module-level const, or wrap a helper in fn(…)"],
      };
    case "parameter":
      return { message: `kernel code cannot use "${name}", a parameter of the function around it`, labels, hints: [makeConst] };
    default:
      if (scope.kind === "module") return undefined;
      return { message: `kernel code cannot use "${name}", which is not declared at module level`, labels, hints: [makeConst] };
  }
}
