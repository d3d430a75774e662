import { holdsLong } from "../ir/long.js";
import { createExpr, type Expr, type ExprOf, type Site } from "../ir/nodes.js";
import { isPure, isQuiet, mapParts, partsOf } from "../ir/walk.js";
import type { FieldLayout } from "../program.js";
import { storeBuiltin, storesDirectly } from "./builtins/index.js";
import { integerName, memberName } from "./c-types.js";
import { copyContextArray, storeContextText } from "./context-field.js";
import { printExpr } from "./expression.js";
import { NOTHING } from "./literals.js";
import { storeStatement } from "./long-values.js";
import type { FunctionPrinter } from "./printer.js";
import { bare, printVariable, uncast } from "./text.js";

/** A C statement, and the place in the script it stands for. */
export interface SendLine {
  readonly span: Expr["span"];
  readonly text: string;
}

/** Name of the C struct of an event. */
export function eventStruct(id: number): string {
  return `struct tsp_event_${id}`;
}

/**
 * Sends an event: reserve a record in the ring, fill it, submit it. A field that can end the run, or that must be
 * evaluated in its turn, is computed before the reservation, since a reserved record has to be submitted or given back.
 * @param from a handler ends when there is no room; a channel's `emit` goes on
 */
export function printSend(
  p: FunctionPrinter,
  event: ExprOf<"object">,
  site: Site,
  from: "handler" | "channel",
): readonly SendLine[] {
  const id = p.program.layouts.idOf(event);
  const layout = p.program.layouts.events[id];
  if (layout === undefined) throw new Error("an event without a layout");
  const record = p.temporary("event");
  const before: SendLine[] = [];
  const fill: SendLine[] = [];
  const parts = flatten(event, layout.fields, "");
  const lastEffect = parts.findLastIndex(({ value }) => !isQuiet(value));
  const firstChain = parts.findIndex(({ value }, i) => i > lastEffect && value.kind === "if-not-null");
  for (const [i, { member, value }] of parts.entries()) {
    const { span } = value;
    if (member === undefined) {
      const { steps } = p.apart(() => printExpr(p, value));
      before.push(...steps.map((text) => ({ span, text })));
    } else if (isDirect(value)) {
      const ready = withArguments(p, value, (steps) => before.push(...steps.map((text) => ({ span, text }))));
      const { steps, value: text } = p.apart(() => storeField(p, `${record}->${member}`, ready, record));
      fill.push(...[...steps, text].map((line) => ({ span, text: line })));
    } else if (firstChain !== -1 && i >= firstChain) {
      // `a?.b` takes 16 bytes and more: many do not fit on the stack, where they would wait for the record. From the first one on, where
      // nothing does more than read, all is computed while the record is reserved.
      const print = () => p.stable(p.program.types.of(value.type), printExpr(p, value));
      const { steps, value: found } = p.apart(() => p.whileReserved(record, print));
      const store = storeStatement(`${record}->${member}`, value.type, found);
      fill.push(...["{", ...steps, store, "}"].map((text) => ({ span, text })));
    } else {
      const { steps, value: kept } = p.apart(() => p.stable(p.program.types.of(value.type), printExpr(p, value)));
      before.push(...steps.map((text) => ({ span, text })));
      fill.push({ span, text: storeStatement(`${record}->${member}`, value.type, kept) });
    }
  }
  const at = (text: string): SendLine => ({ span: event.span, text });
  const lost = `tsp_count(${p.program.sites.indexOf(site)} /* ${site.reason} */);`;
  const reserve = at(`${eventStruct(id)} *${record} = bpf_ringbuf_reserve(&tsp_events, sizeof(*${record}), 0);`);
  const filled = [at(`${record}->tsp_id = ${id};`), ...fill, at(`bpf_ringbuf_submit(${record}, 0);`)];
  if (from === "handler") return [...before, reserve, at(`if (!${record}) { ${lost} ${p.finish()} }`), ...filled];
  return [
    ...before,
    reserve,
    at(`if (${record}) {`),
    ...filled.map(({ span, text }) => ({ span, text: `  ${text}` })),
    at(`} else { ${lost} }`),
  ];
}

/** channel.emit({…}) */
export function printEmit(p: FunctionPrinter, e: ExprOf<"emit">): string {
  if (e.bound !== undefined && e.source !== undefined)
    p.step(printVariable(p.program.types.of(e.bound.type), e.bound.cName, printExpr(p, e.source)));
  p.step(...printSend(p, e.event as ExprOf<"object">, e.site, "channel").map((line) => line.text));
  return NOTHING;
}

interface Part {
  /** Where it is stored; undefined for what has one value only and so is not transmitted, but does something when evaluated. */
  readonly member: string | undefined;
  readonly value: Expr;
}

/** The fields of an event that need code; nested literals and arrays are stored member by member. */
function flatten(event: Pick<ExprOf<"object">, "fields">, fields: readonly FieldLayout[], prefix: string): Part[] {
  return event.fields.flatMap(({ name, value }, i): Part[] => {
    const layout = fields[i]?.type;
    if (layout === undefined || layout.kind === "constant") return isPure(value) ? [] : [{ member: undefined, value }];
    const member = prefix + memberName(name);
    if (value.kind === "object" && layout.kind === "struct") return flatten(value, layout.fields, `${member}.`);
    if (value.kind === "template" && layout.kind === "template")
      return flatten(partsOfTemplate(value), layout.values, `${member}.`);
    if (value.kind === "array") return value.elements.map((element, at) => ({ member: `${member}[${at}]`, value: element }));
    return [{ member, value }];
  });
}

/** The values of a template as the fields of an object. */
function partsOfTemplate(value: ExprOf<"template">): Pick<ExprOf<"object">, "fields"> {
  return { fields: value.elements.map((element, i) => ({ name: String(i), value: element })) };
}

/** Whether a field can be stored into the reserved record directly. */
function isDirect(value: Expr, always = true): boolean {
  const inside = (part: Expr) => isDirect(part, false);
  if (value.kind === "builtin") {
    // Arguments that may fail are evaluated before the record is reserved, so they must be needed in any case.
    if (storesDirectly(value)) return always || value.arguments.every(isPure);
    return value.site === undefined && value.arguments.every(inside);
  }
  if (value.kind === "label") return isDirect(value.operand, always);
  if (value.kind === "conditional" || value.kind === "ip") return partsOf(value).every(inside);
  return isPure(value);
}

/** Evaluates the arguments of what is read into the record: they may fail, and a reserved record must be submitted or discarded. */
function withArguments(p: FunctionPrinter, value: Expr, onSteps: (steps: readonly string[]) => void): Expr {
  if (value.kind === "label") return mapParts(value, (part) => withArguments(p, part, onSteps));
  if (value.kind !== "builtin" || value.arguments.every(isPure)) return value;
  return mapParts(value, (argument) => {
    if (isPure(argument)) return argument;
    const { type, span } = argument;
    const { steps, value: cName } = p.apart(() => p.keep(p.program.types.of(type), printExpr(p, argument), "argument"));
    onSteps(steps);
    return createExpr({ kind: "local", local: { name: cName, cName, type, mutable: false }, span, type });
  });
}

/** Stores without a detour over the stack where that saves a copy. */
function storeField(p: FunctionPrinter, target: string, value: Expr, record: string): string {
  // A value given its declared type, which is held alike.
  if (value.kind === "label" && value.operand.kind === "builtin") return storeField(p, target, value.operand, record);
  const stored = value.kind === "builtin" ? storeBuiltin(p, target, value, record) : storeContextText(p, value, target);
  if (stored !== undefined) return stored;
  if (value.kind === "conditional" && (value.type.kind === "ip" || value.type.kind === "string")) {
    const test = bare(printExpr(p, value.test));
    const [yes, no] = [value.yes, value.no].map((side) => {
      const { steps, value: text } = p.apart(() => storeField(p, target, side, record));
      return [...steps, text].join(" ");
    });
    return `if (${test}) { ${yes} } else { ${no} }`;
  }
  if (value.kind === "ip" && value.bytes.type.kind !== "number")
    return `${target} = (struct tsp_ip){ .family = ${addressFamily(value)} }; ${copyAddress(p, value, `${target}.bytes`)}`;
  if (holdsLong(value.type))
    return storeStatement(target, value.type, p.stable(p.program.types.of(value.type), printExpr(p, value)));
  // The record's own type converts as the layout says.
  return `${target} = ${uncast(bare(printExpr(p, value)))};`;
}

const byteCount = (ip: ExprOf<"ip">) => (ip.bytes.type as { count: number }).count;
const addressFamily = (ip: ExprOf<"ip">) => (byteCount(ip) === 4 ? 2 : 10);

/** Copies an address's bytes: from the context itself when it is a field of it. */
function copyAddress(p: FunctionPrinter, { bytes, ...ip }: ExprOf<"ip">, target: string): string {
  if (bytes.kind === "context-field") return copyContextArray(p, bytes, target);
  return `__builtin_memcpy(${target}, ${p.stable(p.program.types.of(bytes.type), printExpr(p, bytes))}.v, ${byteCount({ ...ip, bytes })});`;
}

/** The C struct of an event: the record's id, then the fields in order; the layout pass computed the same offsets. */
export function printEventStruct(p: FunctionPrinter["program"], id: number, event: ExprOf<"object">): string {
  const { fields, size } = p.layouts.events[id] as { fields: readonly FieldLayout[]; size: number };
  const total = Math.ceil((8 + size) / 8) * 8;
  const { name } = p.layouts.events[id] as { name: string };
  const lines = ["__u64 tsp_id;", ...members(p, event, fields)].map((member) => `  ${member}`);
  return `// Event ${id}: ${name}\n${eventStruct(id)} {\n${lines.join("\n")}\n};\n_Static_assert(sizeof(${eventStruct(id)}) == ${total}, "layout of event ${id}");`;
}

function members(
  p: FunctionPrinter["program"],
  event: Pick<ExprOf<"object">, "fields">,
  fields: readonly FieldLayout[],
): string[] {
  return event.fields.flatMap(({ name, value }, i): string[] => {
    const layout = fields[i]?.type;
    if (layout === undefined || layout.kind === "constant") return [];
    const member = memberName(name);
    if (value.kind === "object" && layout.kind === "struct")
      return [`struct { ${members(p, value, layout.fields).join(" ")} } ${member};`];
    if (value.kind === "template" && layout.kind === "template")
      return [`struct { ${members(p, partsOfTemplate(value), layout.values).join(" ")} } ${member};`];
    if (layout.kind === "int" || layout.kind === "enum" || layout.kind === "flags")
      return [`${integerName(layout.size, layout.signed)} ${member};`];
    if (value.kind === "array" && layout.kind === "array")
      return [`${value.type.kind === "array" ? p.types.storage(value.type.element) : ""} ${member}[${layout.count}];`];
    return [`${p.types.inline(value.type)} ${member};`];
  });
}
