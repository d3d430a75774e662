import type { Script } from "../../dsl/script.js";
import type { ContextField } from "../../hooks/hook.js";
import { NO_FILTERS, type TaskFilters } from "../filters.js";
import type { ExprOf, HandlerFunction, HelperInstance, IrModule, OptionRef, Stmt } from "../ir/nodes.js";
import { completes, visitModule } from "../ir/walk.js";
import type { LayoutTable } from "../passes/layout.js";
import { type SiteTable, scratchSite } from "../passes/sites.js";
import type { OptionSlot, Program } from "../program.js";
import { printAggregationData, printAggregationFunctions, printAggregationMaps } from "./aggregations.js";
import { hasStorage } from "./c-types.js";
import { printContextStruct } from "./context-struct.js";
import { callsFailing, canFail } from "./failing.js";
import { printFilters } from "./filters.js";
import { printMap } from "./maps.js";
import { optionSlots, printOptionVariables } from "./options.js";
import { outlinedHelpers } from "./outline.js";
import { HEAD, supportFor } from "./prelude.js";
import { createPrinter, FunctionPrinter, type ProgramPrinter } from "./printer.js";
import { programAggregations, programMaps } from "./program-maps.js";
import { printRounds } from "./rounds.js";
import { printScratchMap, SCRATCH, scratchMap } from "./scratch.js";
import { printEventStruct } from "./send.js";
import { printStacks } from "./stacks.js";
import { printStatements } from "./statement.js";
import { quote } from "./writer.js";

/** Bytes of the event ring unless --ring-size says otherwise: a power of two, at least a page. */
export const DEFAULT_RING_BYTES = 8 * 1024 * 1024;

/** The last step: the whole C program, and what the runtime must know of it. */
export function printProgram(
  module: IrModule,
  sites: SiteTable,
  layouts: LayoutTable,
  script: Script,
  taskFilters: TaskFilters = NO_FILTERS,
): Program {
  const printer = createPrinter(sites, layouts);
  const filters = printFilters(taskFilters, module.handlers[0]?.span, asksForFilters(module));
  for (const helper of module.helpers) if (canFail(printer, helper.body)) printer.failing.add(helper.cName);
  const outlined = outlinedHelpers(module, (helper) => printer.failing.has(helper.cName));
  for (const helper of module.helpers) printHelper(printer, helper, outlined.has(helper) ? OUTLINED : "INLINE");
  for (const handler of module.handlers) {
    const check = isAtExec(handler) ? filters.checkAtExec : filters.check;
    printHandler(printer, handler, isFiltered(handler) ? check : undefined);
  }
  const rounds = printRounds(printer);
  const events = eventsOf(module, layouts).map((event, id) => printEventStruct(printer, id, event));
  const maps = module.maps.flatMap((map) => printMap(map, printer.types));
  const aggregations = module.aggregations.flatMap((aggregation) => printAggregationMaps(aggregation, printer.types));
  const options = optionsUsed(module);
  const functions = `${printStacks(module)}${sites.counters.length > 0 ? `${COUNT}\n` : ""}${printAggregationFunctions(module.aggregations)}${rounds}${printer.out.toString()}`;
  const support = [filters.declarations, functions, filters.programs].join("\n");
  // What the functions need comes before them, in C and so in the text, though it is known only now.
  const parts = [
    HEAD,
    supportFor(support),
    printer.types.declarations.join("\n"),
    [...printer.contexts.values()].map(({ context, used }) => printContextStruct(context, used)).join("\n"),
    ...new Set(
      module.handlers
        .map(({ hook }) => hook.context.key)
        .filter((key) => !printer.contexts.has(key))
        .map((key) => `struct ${key};`),
    ),
    printer.kernelStructs.print(printer.types).join("\n"),
    [...printer.tables.values()].join("\n"),
    events.join("\n"),
    maps.join("\n"),
    [...aggregations, ...printAggregationData(module.aggregations)].join("\n"),
    printer.scratchMaps.join("\n"),
    [...printer.literals]
      .map(([text, { name, bytes }]) => `static const char ${name}[${Math.max(bytes, printer.reach.bytes)}] = ${quote(text)};`)
      .join("\n"),
    options.map(printOptionVariables).join("\n"),
    RING,
    counterMap(sites.counters.length),
    filters.declarations,
    functions,
    filters.programs,
  ];
  return Object.freeze({
    c: parts.filter((part) => part !== "").join("\n\n"),
    probes: Object.freeze([
      ...module.handlers.map((h) =>
        Object.freeze({
          functionName: h.functionName,
          name: h.name,
          span: h.span,
          attach: h.hook.attach,
          title: h.hook.title,
        }),
      ),
      ...filters.probes,
    ]),
    events: layouts.events,
    counters: sites.counters,
    maps: programMaps(module),
    aggregations: programAggregations(module),
    options: Object.freeze([...slotsOf(options, script), ...filters.slots]),
    wallClock: functions.includes("tsp_wall_ns("),
    asksInterrupt: functions.includes("tsp_in_interrupt("),
    statements: Object.freeze(printer.out.statements),
  });
}

function isAtExec({ hook: { attach } }: HandlerFunction): boolean {
  const events =
    attach.kind === "tracepoint" ? attach.events.map(({ event }) => event) : attach.kind === "rawTracepoint" ? [attach.name] : [];
  return events.length === 1 && events[0] === "sched_process_exec";
}

/** BPF_MAP_TYPE_RINGBUF (include/uapi/linux/bpf.h). */
const RING = `// The event ring
struct {
  __uint(type, 27);
  __uint(max_entries, ${DEFAULT_RING_BYTES});
} tsp_events SEC(".maps");`;

/** BPF_MAP_TYPE_PERCPU_ARRAY */
function counterMap(sites: number): string {
  return `// One counter for each place that can lose or fail
struct {
  __uint(type, 6);
  __uint(max_entries, ${Math.max(1, sites)});
  __type(key, __u32);
  __type(value, __u64);
} tsp_counters SEC(".maps");`;
}

/** One slot per place that counts; per CPU, so that counting needs no atomics. Kept out of line: it is the rare path. */
const COUNT = `static __attribute__((noinline)) void tsp_count(__u32 site) {
  __u64 *count = bpf_map_lookup_elem(&tsp_counters, &site);
  if (count) (*count)++;
}`;

/** Whether a handler calls isWantedTask(). */
function asksForFilters(module: IrModule): boolean {
  let asks = false;
  visitModule(
    module,
    () => {},
    (expr) => {
      if (expr.kind === "builtin" && expr.call === "isWantedTask") asks = true;
    },
  );
  return asks;
}

/** An iterator runs in tsprobe's own process. */
function isFiltered(handler: HandlerFunction): boolean {
  return handler.hook.attach.kind !== "iter";
}

function printHandler(printer: ProgramPrinter, handler: HandlerFunction, check: string | undefined): void {
  const { out } = printer;
  const name = handler.context?.cName ?? "tsp_context";
  printer.handlerContext.name = name;
  const trial = new FunctionPrinter(printer, "handler", { name: handler.functionName, contextName: name });
  const body = out.apart(() => printStatements(trial, handler.body));
  const context = `struct ${handler.hook.context.key} *`;
  out.leaveScript();
  out.mark(handler.span);
  if (trial.frame > 0) {
    printer.scratchMaps.push(printScratchMap(handler, trial.frame + printer.reach.bytes));
    out.line(`INLINE int ${handler.functionName}_run(${context}${name}${unusedMark(name, body)}, char *${SCRATCH}) {`);
  } else {
    out.line(`SEC("${handler.hook.section}")`);
    out.mark(handler.span);
    out.line(`int ${handler.functionName}(${context}${name}${unusedMark(name, body)}) {`);
  }
  out.indented(() => {
    if (check !== undefined && trial.frame === 0) out.line(check);
    const { endsAtNull } = handler.hook;
    if (endsAtNull !== undefined) out.line(`if (!${printAddress(printer, handler, endsAtNull, name)}) return 0;`);
    if (callsFailing(printer, handler.body)) out.line("_Bool tsp_failed = 0;");
    printStatements(new FunctionPrinter(printer, "handler", { name: handler.functionName, contextName: name }), handler.body);
    out.markEnd(handler.span);
    if (completes(handler.body) || endsOpen(handler.body)) out.line("return 0;");
  });
  out.markEnd(handler.span);
  out.line("}");
  if (trial.frame > 0) printEntry(printer, handler, check);
  out.leaveScript();
}

/** The program of a handler that needs scratch memory: takes it, runs the handler, gives it back whichever way that ended. */
function printEntry({ out, sites }: ProgramPrinter, handler: HandlerFunction, check: string | undefined): void {
  const { functionName, hook, span } = handler;
  const site = sites.indexOf(scratchSite(handler));
  out.mark(span);
  out.line(`SEC("${hook.section}")`);
  out.mark(span);
  out.line(`int ${functionName}(struct ${hook.context.key} *tsp_context) {`);
  out.indented(() => {
    if (check !== undefined) out.line(check);
    out.mark(span);
    out.line(`char *${SCRATCH} = tsp_take_scratch(&${scratchMap(handler)});`);
    out.mark(span);
    out.line(`if (!${SCRATCH}) { tsp_count(${site} /* nested */); return 0; }`);
    out.mark(span);
    out.line(`${functionName}_run(tsp_context, ${SCRATCH});`);
    out.mark(span);
    out.line(`tsp_give_scratch(${SCRATCH});`);
    out.mark(span);
    out.line("return 0;");
  });
  out.mark(span);
  out.line("}");
}

/** An address of the handler's context, read before its body. */
function printAddress(
  printer: ProgramPrinter,
  { hook: { context } }: HandlerFunction,
  field: ContextField,
  name: string,
): string {
  const entry = printer.contexts.get(context.key) ?? { context, used: new Set<ContextField>() };
  entry.used.add(field);
  printer.contexts.set(context.key, entry);
  return `ADDRESS(${name}, ${field.name})`;
}

/** Whether C sees an end of the statements that is none: behind a loop that is left by returning only. */
function endsOpen(body: readonly Stmt[]): boolean {
  const last = body.at(-1);
  switch (last?.kind) {
    case "loop":
    case "each":
    case "switch":
    case "labelled":
      return true;
    case "block":
      return endsOpen(last.body);
    case "if":
      return endsOpen(last.yes) || endsOpen(last.no);
    default:
      return false;
  }
}

/** Says to clang that a parameter may be unused, when it is. */
function unusedMark(name: string, body: string): string {
  return new RegExp(`\\b${name}\\b`).test(body) ? "" : " UNUSED";
}

/** A helper whose copies would be large: one function that is called (BPF-to-BPF call, with a stack frame of its own). */
const OUTLINED = "static __attribute__((noinline))";

function printHelper(printer: ProgramPrinter, helper: HelperInstance, form: string): void {
  const { out, types } = printer;
  const trial = new FunctionPrinter(printer, helper.result, { name: helper.cName });
  const body = out.apart(() => printStatements(trial, helper.body));
  const parameters = helper.parameters
    .filter((parameter) => hasStorage(parameter.type))
    .map((parameter) => `${types.of(parameter.type)} ${parameter.cName}${unusedMark(parameter.cName, body)}`);
  if (printer.failing.has(helper.cName)) parameters.push("_Bool *tsp_failed");
  if (trial.frame > 0) {
    printer.frames.set(helper.cName, trial.frame);
    parameters.push(`char *${SCRATCH}`);
  }
  out.leaveScript();
  out.mark(helper.span);
  out.line(
    `${form} ${hasStorage(helper.result) ? types.of(helper.result) : "void"} ${helper.cName}(${parameters.join(", ") || "void"}) {`,
  );
  out.indented(() => {
    printStatements(new FunctionPrinter(printer, helper.result, { name: helper.cName }), helper.body);
    if (hasStorage(helper.result) && endsOpen(helper.body)) out.line(`return ${types.zero(helper.result)};`);
  });
  out.markEnd(helper.span);
  out.line("}");
  out.leaveScript();
}

/** One event expression per record id, to print its struct from. */
function eventsOf(module: IrModule, layouts: LayoutTable): readonly ExprOf<"object">[] {
  const found: ExprOf<"object">[] = [];
  const keep = (event: ExprOf<"object">) => {
    found[layouts.idOf(event)] ??= event;
  };
  visitModule(
    module,
    (s) => s.kind === "send" && s.event !== undefined && keep(s.event as ExprOf<"object">),
    (expr) => expr.kind === "emit" && keep(expr.event as ExprOf<"object">),
  );
  return found;
}

function optionsUsed(module: IrModule): readonly OptionRef[] {
  const used = new Map<string, OptionRef>();
  visitModule(
    module,
    () => {},
    (expr) => "option" in expr && used.set(expr.option.cName, expr.option),
  );
  return [...used.values()];
}

function slotsOf(options: readonly OptionRef[], script: Script): OptionSlot[] {
  const declared = script.options.flatMap((declaration) => declaration.options);
  return options.flatMap((option) => {
    const found = declared.find((candidate) => candidate.long === option.long);
    return found === undefined ? [] : [...optionSlots(option, found)];
  });
}
