import type { Diagnostic, Label } from "../../diagnostics/diagnostic.js";
import type { Span } from "../../diagnostics/span.js";
import { KERNEL_CALLS } from "../../dsl/surface.js";
import type { CallSite } from "./analyze.js";
import { assignedName } from "./assigned-name.js";
import { findFreeVariables } from "./free-variables.js";
import type { MeaningFinder } from "./meaning.js";
import type { ParsedModule } from "./module.js";
import { type Node, unwrap } from "./node.js";
import type { CaptureRecord } from "./record.js";

export interface KernelFunctions {
  /** In the order of their places in the file. */
  readonly captures: readonly CaptureRecord[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Finds the kernel functions of a file: function literals passed straight to a function of tsprobe.
 * @param label the file's name in capture ids
 */
export async function findKernelFunctions(
  module: ParsedModule,
  label: string,
  meanings: MeaningFinder,
): Promise<KernelFunctions> {
  const captures: CaptureRecord[] = [];
  const diagnostics: Diagnostic[] = [];
  let last: Node | undefined;
  for (const call of [...module.analysis.calls].sort((a, b) => a.node.start - b.node.start || b.node.end - a.node.end)) {
    // Calls inside a kernel function are kernel code, which is for the lowering to judge.
    if (last !== undefined && call.node.start >= last.start && call.node.end <= last.end) continue;
    const callee = await kernelCallee(module, call, meanings);
    if (callee === undefined) continue;
    const argument = (call.node.arguments as Node[]).at(KERNEL_CALLS[callee] as number);
    const fn = argument && unwrap(argument);
    const refusal = fn === undefined ? missingHandler(module, call.node, callee) : refusalOf(module, call, fn, callee);
    if (refusal !== undefined) {
      diagnostics.push(refusal);
      continue;
    }
    const node = fn as Node;
    last = node;
    const { free, diagnostics: problems } = await findFreeVariables(module, node, meanings);
    diagnostics.push(...problems);
    const bindingName = assignedName(call.node, call.ancestors);
    captures.push({
      id: `${label}#${captures.length}`,
      file: module.file,
      node: node as unknown as CaptureRecord["node"],
      span: spanOf(module, node),
      callSpan: spanOf(module, call.node),
      callee,
      ...(bindingName === undefined ? {} : { bindingName }),
      free,
    });
  }
  return { captures, diagnostics };
}

async function kernelCallee(module: ParsedModule, call: CallSite, meanings: MeaningFinder): Promise<string | undefined> {
  const meaning = await meanings.ofExpression(module, call.scope, call.node.callee as Node);
  if (meaning?.kind !== "own" || meaning.from !== "tsprobe") return undefined;
  return Object.hasOwn(KERNEL_CALLS, meaning.name) ? meaning.name : undefined;
}

function spanOf(module: ParsedModule, node: { start: number; end: number }): Span {
  return { file: module.file, start: node.start, end: node.end };
}

function missingHandler(module: ParsedModule, call: Node, callee: string): Diagnostic {
  const index = KERNEL_CALLS[callee] as number;
  return {
    code: "TSP2010",
    failure: "language",
    severity: "error",
    message: `${callee}(…) has no kernel function`,
    span: spanOf(module, call),
    hints: [`give it a function as ${index === -1 ? "the last argument" : `argument ${index + 1}`}`],
  };
}

function refusalOf(module: ParsedModule, call: CallSite, fn: Node, callee: string): Diagnostic | undefined {
  if (fn.type !== "ArrowFunctionExpression" && fn.type !== "FunctionExpression") return notALiteral(module, call, fn, callee);
  const what = fn.generator === true ? "a generator" : fn.async === true ? "async" : undefined;
  if (what === undefined) return undefined;
  // Only the head of the function: the body is not at fault.
  const parameters = fn.params as Node[];
  const end = Math.min(parameters[0]?.start ?? fn.end, (fn.body as Node).start);
  const head =
    module.file.text
      .slice(fn.start, end)
      .match(/^(?:async\b)?\s*(?:function\b\s*\*?)?/)?.[0]
      .trimEnd() ?? "";
  return {
    code: "TSP2011",
    failure: "language",
    severity: "error",
    message: `a kernel function cannot be ${what}`,
    span: spanOf(module, { start: fn.start, end: fn.start + head.length }),
    hints: ["kernel code runs to its end at once: wait in a callback, with .on(…) or for await"],
  };
}

function notALiteral(module: ParsedModule, call: CallSite, argument: Node, callee: string): Diagnostic {
  const binding = argument.type === "Identifier" ? call.scope.lookup(argument.name as string) : undefined;
  const labels: Label[] = binding === undefined ? [] : [{ span: spanOf(module, binding), message: "declared here" }];
  return {
    code: "TSP2010",
    failure: "language",
    severity: "error",
    message: `the kernel function of ${callee}(…) must be written in the call`,
    span: spanOf(module, argument),
    ...(labels.length === 0 ? {} : { labels }),
    hints: ["write the handler in the call, or wrap a shared helper in fn(…)"],
  };
}

/** Whether a file may contain kernel functions: without the word no name of tsprobe gets in, whatever the way. */
export function mayContainKernelFunctions(text: string): boolean {
  return /\bimport\b/.test(text);
}
