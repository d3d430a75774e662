import type { Script } from "../../dsl/script.js";
import { tracepointSection } from "../../hooks/tracepoint.js";
import type { ExprOf, HandlerFunction, HelperInstance, IrModule, OptionRef } from "../ir/nodes.js";
import { visitModule } from "../ir/walk.js";
import type { LayoutTable } from "../passes/layout.js";
import type { SiteTable } from "../passes/sites.js";
import type { OptionSlot, Program } from "../program.js";
import { contextName } from "./c-types.js";
import { printContextStruct } from "./context-struct.js";
import { printMap } from "./maps.js";
import { optionSlots, printOptionVariables } from "./options.js";
import { HEAD, supportFor } from "./prelude.js";
import { createPrinter, FunctionPrinter, type ProgramPrinter } from "./printer.js";
import { printEventStruct } from "./send.js";
import { printStatements } from "./statement.js";

/** Bytes of the event ring unless --ring-size says otherwise: a power of two, at least a page. */
export const DEFAULT_RING_BYTES = 4 * 1024 * 1024;

/** The last step: the whole C program, and what the runtime must know of it. */
export function printProgram(module: IrModule, sites: SiteTable, layouts: LayoutTable, script: Script): Program {
  const printer = createPrinter(sites, layouts);
  for (const helper of module.helpers) printHelper(printer, helper);
  for (const handler of module.handlers) printHandler(printer, handler);
  const events = eventsOf(module, layouts).map((event, id) => printEventStruct(printer, id, event));
  const maps = module.maps.flatMap((map) => printMap(map, printer.types));
  const options = optionsUsed(module);
  const functions = `${sites.counters.length > 0 ? `${COUNT}\n` : ""}${printer.out.toString()}`;
  // What the functions need comes before them, in C and so in the text, though it is known only now.
  const parts = [
    HEAD,
    supportFor(functions),
    printer.types.declarations.join("\n"),
    [...printer.contexts.values()].map(({ format, used }) => printContextStruct(format, used)).join("\n"),
    ...module.handlers.filter((handler) => !printer.contexts.has(contextName(handler.format))).map((handler) => `struct ${contextName(handler.format)};`),
    printer.kernelStructs.print(printer.types).join("\n"),
    events.join("\n"),
    maps.join("\n"),
    options.map(printOptionVariables).join("\n"),
    `struct { __uint(type, 27); __uint(max_entries, ${DEFAULT_RING_BYTES}); } tsp_events SEC(".maps");`,
    `struct { __uint(type, 6); __uint(max_entries, ${Math.max(1, sites.counters.length)}); __type(key, __u32); __type(value, __u64); } tsp_counters SEC(".maps");`,
    functions,
  ];
  return Object.freeze({
    c: parts.filter((part) => part !== "").join("\n"),
    probes: Object.freeze(module.handlers.map((h) => Object.freeze({ functionName: h.functionName, name: h.name, span: h.span, attach: Object.freeze({ kind: "tracepoint" as const, category: h.format.category, event: h.format.name }) }))),
    events: layouts.events,
    counters: sites.counters,
    maps: Object.freeze(module.maps.map(({ cName, name, span }) => Object.freeze({ cName, name, span }))),
    options: Object.freeze(slotsOf(options, script)),
    statements: Object.freeze(printer.out.statements),
  });
}

/** One slot per place that counts; per CPU, so that counting needs no atomics. Kept out of line: it is the rare path. */
const COUNT = `static __attribute__((noinline)) void tsp_count(__u32 site) {
  __u64 *count = bpf_map_lookup_elem(&tsp_counters, &site);
  if (count) (*count)++;
}`;

function printHandler(printer: ProgramPrinter, handler: HandlerFunction): void {
  const p = new FunctionPrinter(printer, "handler");
  const { out } = printer;
  out.leaveScript();
  const name = handler.context?.cName ?? "tsp_context";
  out.mark(handler.span);
  out.line(`SEC("${tracepointSection(handler.format)}") int ${handler.functionName}(struct ${contextName(handler.format)} *${name}) {`);
  out.indented(() => {
    if (callsHelpers(handler)) out.line("_Bool tsp_failed = 0;");
    printStatements(p, handler.body);
    out.line("return 0;");
  });
  out.line("}");
  out.leaveScript();
}

function callsHelpers(handler: HandlerFunction): boolean {
  let calls = false;
  visitModule({ handlers: [handler], helpers: [], maps: [], streamNames: [] }, () => {}, (expr) => {
    calls ||= expr.kind === "call";
  });
  return calls;
}

function printHelper(printer: ProgramPrinter, helper: HelperInstance): void {
  const p = new FunctionPrinter(printer, helper.result);
  const { out, types } = printer;
  out.leaveScript();
  const parameters = [...helper.parameters.map((parameter) => `${types.of(parameter.type)} ${parameter.cName}`), "_Bool *tsp_failed"];
  out.mark(helper.span);
  out.line(`INLINE ${types.of(helper.result)} ${helper.cName}(${parameters.join(", ")}) {`);
  out.indented(() => printStatements(p, helper.body));
  out.line("}");
  out.leaveScript();
}

/** One event expression per record id, to print its struct from. */
function eventsOf(module: IrModule, layouts: LayoutTable): readonly ExprOf<"object">[] {
  const found: ExprOf<"object">[] = [];
  const keep = (event: ExprOf<"object">) => {
    found[layouts.idOf(event)] ??= event;
  };
  visitModule(module, (s) => s.kind === "send" && s.event !== undefined && keep(s.event as ExprOf<"object">), (expr) => expr.kind === "emit" && keep(expr.event as ExprOf<"object">));
  return found;
}

function optionsUsed(module: IrModule): readonly OptionRef[] {
  const used = new Map<string, OptionRef>();
  visitModule(module, () => {}, (expr) => "option" in expr && used.set(expr.option.cName, expr.option));
  return [...used.values()];
}

function slotsOf(options: readonly OptionRef[], script: Script): OptionSlot[] {
  const declared = script.options.flatMap((declaration) => declaration.options);
  return options.flatMap((option) => {
    const found = declared.find((candidate) => candidate.long === option.long);
    return found === undefined ? [] : [...optionSlots(option, found)];
  });
}
