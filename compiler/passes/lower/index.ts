import type { Diagnostic } from "../../../diagnostics/diagnostic.js";
import { captureMarkOf } from "../../../dsl/capture.js";
import type { HookDeclaration, ProbeDeclaration, Script } from "../../../dsl/script.js";
import { describeTarget } from "../../../dsl/targets.js";
import { chooseHook, describeChoice, type PassedOver } from "../../../hooks/choose.js";
import type { KernelInfo } from "../../../kernel/info.js";
import type { CaptureRecord } from "../../capture/record.js";
import type { TaskFilters } from "../../filters.js";
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
  /** Which tasks the handlers see; all, if left out. */
  readonly filters?: TaskFilters;
}

export interface Lowered {
  readonly module: IrModule;
  readonly diagnostics: readonly Diagnostic[];
  /** Which alternatives were chosen and why, for -v. */
  readonly notes: readonly string[];
}

/** The first pass: from the handlers' syntax trees to the typed IR. Errors are collected, all of them. */
export function lower(input: LoweringInput): Lowered {
  const report = new Report();
  const streamNames: (string | undefined)[] = [];
  for (const [i, probe] of input.script.probes.entries())
    streamNames[probe.stream] = recordOf(input, probe)?.bindingName ?? `${probe.target.kind}#${i + 1}`;
  const module: ModuleContext = {
    ...input,
    report,
    streamNames,
    maps: new Map(),
    aggregations: new Map(),
    probeTitles: new Map(),
    helpers: [],
    helperCache: new Map(),
    unsignedLets: new Set(),
    helperStack: [],
  };
  const handlers: HandlerFunction[] = [];
  const notes: string[] = [];
  for (const [i, probe] of input.script.probes.entries())
    report.attempt(() => handlers.push(...untilSettled(report, () => lowerProbe(module, probe, i, notes))));
  if (handlers.length === 0 && input.script.probes.length > 0 && report.diagnostics.length === 0)
    report.attempt(() => refuseEmpty(module));
  const maps = [...module.maps.values()].sort((a, b) => a.index - b.index);
  const names = input.script.streams.map((_, i) => streamNames[i] ?? `event#${i + 1}`);
  return {
    module: Object.freeze({
      handlers: Object.freeze(handlers),
      helpers: Object.freeze([...module.helpers]),
      maps: Object.freeze(maps),
      aggregations: Object.freeze([...module.aggregations.values()].sort((a, b) => a.index - b.index)),
      streamNames: Object.freeze(names),
    }),
    diagnostics: report.diagnostics,
    notes,
  };
}

function recordOf(input: Pick<LoweringInput, "captures">, hook: HookDeclaration): CaptureRecord | undefined {
  const mark = captureMarkOf(hook.handler);
  return mark === undefined ? undefined : input.captures.get(mark.id);
}

/** @returns its handler; none where the script can do without this probe */
function lowerProbe(module: ModuleContext, probe: ProbeDeclaration, index: number, notes: string[]): readonly HandlerFunction[] {
  const { report, kernel } = module;
  const choice = chooseHook(probe, kernel);
  const note = describeChoice(probe, module.streamNames[probe.stream] as string, choice);
  if (note !== undefined && !notes.includes(note)) notes.push(note);
  if (choice.chosen === undefined) return probe.orNothing === undefined ? refuseProbe(module, choice.passedOver) : [];
  const { declaration, hook } = choice.chosen;
  const mark = captureMarkOf(declaration.handler);
  const record = recordOf(module, declaration);
  if (mark === undefined || record === undefined)
    throw new Error(`the handler of ${describeTarget(declaration.target)} was not captured`);
  const name = module.streamNames[probe.stream] as string;
  const f = new FunctionContext(module, record, mark.environment, name, "handler");
  f.hook = hook;
  const [parameter, extra] = record.node.params;
  if (extra !== undefined) report.refuse("TSP2130", f.span(extra), "a handler has one parameter, the context");
  const context = parameter === undefined ? undefined : declareParameter(f, parameter, contextType(hook.context));
  const inner = record.node.body?.type === "BlockStatement" ? lowerBody(f, record) : expressionBody(f, record);
  const body = Object.freeze([...f.prologue, ...inner]);
  const handler: HandlerFunction = Object.freeze({
    functionName: `p${index}_${cIdentifier(name)}`.slice(0, 15),
    name,
    stream: probe.stream,
    context,
    hook,
    body,
    span: record.callSpan,
  });
  return [handler];
}

/** All probes of the script end in `nothing()`, and there is a hook for none of them. */
function refuseEmpty(module: ModuleContext): never {
  const { script, kernel } = module;
  return refuseProbe(
    module,
    script.probes.flatMap((probe) => chooseHook(probe, kernel).passedOver),
  );
}

/** A probe that this kernel has no hook for. */
function refuseProbe(module: ModuleContext, passedOver: readonly PassedOver[]): never {
  const [only, ...others] = passedOver as [PassedOver, ...PassedOver[]];
  const record = recordOf(module, only.declaration);
  if (record === undefined) throw new Error(`the handler of ${describeTarget(only.declaration.target)} was not captured`);
  if (others.length > 0)
    return module.report.refuse("TSP3005", record.callSpan, "this kernel has none of the alternatives", {
      failure: only.refusal.failure,
      hints: passedOver.map(({ declaration, refusal }) => `${describeTarget(declaration.target)}: ${refusal.message}`),
    });
  const { code, message, hints, failure, culprit } = only.refusal;
  const place = (culprit === undefined ? undefined : culpritSpan(record, culprit)) ?? record.callSpan;
  return module.report.refuse(code, place, message, { failure, hints });
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
