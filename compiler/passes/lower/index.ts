import type { Diagnostic } from "../../../diagnostics/diagnostic.js";
import { captureMarkOf } from "../../../dsl/capture.js";
import type { HookDeclaration, ProbeDeclaration, Script } from "../../../dsl/script.js";
import { describeTarget } from "../../../dsl/targets.js";
import { resolveHook } from "../../../hooks/index.js";
import type { KernelInfo } from "../../../kernel/info.js";
import type { CaptureRecord } from "../../capture/record.js";
import type { HandlerFunction, IrModule } from "../../ir/nodes.js";
import { contextType } from "../../ir/types.js";
import { cIdentifier, FunctionContext, type ModuleContext } from "./context.js";
import { declareParameter, lowerBody } from "./helpers.js";
import { Report, untilSettled } from "./report.js";
import { lowerSend } from "./returns.js";

export interface LoweringInput {
  readonly script: Script;
  readonly captures: ReadonlyMap<string, CaptureRecord>;
  readonly kernel: KernelInfo;
}

/** The first pass: from the handlers' syntax trees to the typed IR. Errors are collected, all of them. */
export function lower(input: LoweringInput): { readonly module: IrModule; readonly diagnostics: readonly Diagnostic[] } {
  const report = new Report();
  const streamNames: (string | undefined)[] = [];
  for (const [i, probe] of input.script.probes.entries())
    streamNames[probe.stream] = recordOf(input, probe)?.bindingName ?? `${probe.target.kind}#${i + 1}`;
  const module: ModuleContext = {
    ...input,
    report,
    streamNames,
    maps: new Map(),
    helpers: [],
    helperCache: new Map(),
    unsignedLets: new Set(),
    helperStack: [],
  };
  const handlers: HandlerFunction[] = [];
  for (const [i, probe] of input.script.probes.entries())
    report.attempt(() => handlers.push(untilSettled(report, () => lowerProbe(module, probe, i))));
  const maps = [...module.maps.values()].sort((a, b) => a.index - b.index);
  const names = input.script.streams.map((_, i) => streamNames[i] ?? `event#${i + 1}`);
  return {
    module: Object.freeze({
      handlers: Object.freeze(handlers),
      helpers: Object.freeze([...module.helpers]),
      maps: Object.freeze(maps),
      streamNames: Object.freeze(names),
    }),
    diagnostics: report.diagnostics,
  };
}

function recordOf(input: LoweringInput, hook: HookDeclaration): CaptureRecord | undefined {
  const mark = captureMarkOf(hook.handler);
  return mark === undefined ? undefined : input.captures.get(mark.id);
}

function lowerProbe(module: ModuleContext, probe: ProbeDeclaration, index: number): HandlerFunction {
  const { report, kernel } = module;
  const mark = captureMarkOf(probe.handler);
  const record = mark === undefined ? undefined : module.captures.get(mark.id);
  if (mark === undefined || record === undefined)
    throw new Error(`the handler of ${describeTarget(probe.target)} was not captured`);
  const resolved = resolveHook(probe.target, kernel);
  if ("refusal" in resolved) {
    const { code, message, hints, failure, culprit } = resolved.refusal;
    const place = (culprit === undefined ? undefined : culpritSpan(record, culprit)) ?? record.callSpan;
    return report.refuse(code, place, message, { failure, hints });
  }
  const { hook } = resolved;
  const name = module.streamNames[probe.stream] as string;
  const f = new FunctionContext(module, record, mark.environment, name, "handler");
  const [parameter, extra] = record.node.params;
  if (extra !== undefined) report.refuse("TSP2130", f.span(extra), "a handler has one parameter, the context");
  const context = parameter === undefined ? undefined : declareParameter(f, parameter, contextType(hook.context));
  const body = record.node.body?.type === "BlockStatement" ? lowerBody(f, record) : expressionBody(f, record);
  return Object.freeze({
    functionName: `p${index}_${cIdentifier(name)}`.slice(0, 15),
    name,
    stream: probe.stream,
    context,
    hook,
    body,
    span: record.callSpan,
  });
}

function expressionBody(f: FunctionContext, record: CaptureRecord): HandlerFunction["body"] {
  const body: HandlerFunction["body"][number][] = [];
  f.report.attempt(() =>
    body.push(...lowerSend(f, record.node.body as never, f.span(record.node.body as { start: number; end: number }))),
  );
  return Object.freeze(body);
}

/** What is wrong in the hook call, when it stands there as written. */
function culpritSpan(
  record: CaptureRecord,
  culprit: string,
): { file: CaptureRecord["file"]; start: number; end: number } | undefined {
  const at = record.file.text.indexOf(culprit, record.callSpan.start);
  return at === -1 || at + culprit.length > record.span.start
    ? undefined
    : { file: record.file, start: at, end: at + culprit.length };
}
