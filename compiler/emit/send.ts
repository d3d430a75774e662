import type { Expr, ExprOf } from "../ir/nodes.js";
import { isPure, partsOf } from "../ir/walk.js";
import type { FieldLayout } from "../program.js";
import { integerName, memberName } from "./c-types.js";
import { printContextAccess } from "./context-field.js";
import { printExpr } from "./expression.js";
import type { FunctionPrinter } from "./printer.js";

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
 * evaluated in its turn, is computed before the reservation, since a reserved record has to be submitted.
 */
export function printSend(p: FunctionPrinter, event: ExprOf<"object">, site: NonNullable<ExprOf<"emit">["site"]>): readonly SendLine[] {
  const id = p.program.layouts.idOf(event);
  const layout = p.program.layouts.events[id];
  if (layout === undefined) throw new Error("an event without a layout");
  const record = p.temporary();
  const before: SendLine[] = [];
  const fill: SendLine[] = [];
  for (const part of flatten(event, layout.fields, "")) {
    if (isDirect(part.value)) {
      fill.push({ span: part.value.span, text: storeField(p, `${record}->${part.member}`, part.value) });
      continue;
    }
    const kept = p.temporary();
    const type = part.value.type;
    before.push({ span: part.value.span, text: `${p.program.types.of(type)} ${kept} = ${printExpr(p, part.value)};` });
    fill.push({ span: part.value.span, text: `${record}->${part.member} = ${kept};` });
  }
  return [
    ...before,
    { span: event.span, text: `${eventStruct(id)} *${record} = bpf_ringbuf_reserve(&tsp_events, sizeof(*${record}), 0);` },
    { span: event.span, text: `if (${record}) {` },
    { span: event.span, text: `  ${record}->tsp_id = ${id};` },
    ...fill.map(({ span, text }) => ({ span, text: `  ${text}` })),
    { span: event.span, text: `  bpf_ringbuf_submit(${record}, 0);` },
    { span: event.span, text: `} else { tsp_count(${p.program.sites.indexOf(site)}); }` },
  ];
}

/** channel.emit({…}) as an expression statement. */
export function printEmit(p: FunctionPrinter, e: ExprOf<"emit">): string {
  const lines = printSend(p, e.event as ExprOf<"object">, e.site);
  return p.steps(...lines.map((line) => line.text), "(void)0;");
}

interface Part {
  readonly member: string;
  readonly value: Expr;
}

/** The transmitted fields of an event; nested literals and arrays are stored member by member. */
function flatten(event: ExprOf<"object">, fields: readonly FieldLayout[], prefix: string): Part[] {
  return event.fields.flatMap(({ name, value }, i): Part[] => {
    const layout = fields[i]?.type;
    if (layout === undefined || layout.kind === "constant") return [];
    const member = prefix + memberName(name);
    if (value.kind === "object" && layout.kind === "struct") return flatten(value, layout.fields, `${member}.`);
    if (value.kind === "array") return value.elements.map((element, at) => ({ member: `${member}[${at}]`, value: element }));
    return [{ member, value }];
  });
}

/** Whether a field can be stored into the reserved record directly. */
function isDirect(value: Expr): boolean {
  if (value.kind === "task") return true;
  if (value.kind === "conditional" || value.kind === "ip" || value.kind === "label") return partsOf(value).every(isDirect);
  return isPure(value) && value.kind !== "element";
}

/** Stores without a detour over the stack where that saves a copy. */
function storeField(p: FunctionPrinter, target: string, value: Expr): string {
  if (value.kind === "task" && value.what === "comm") return `bpf_get_current_comm(${target}.v, sizeof(${target}.v));`;
  if (value.kind === "conditional" && (value.type.kind === "ip" || value.type.kind === "string")) {
    return `if (${printExpr(p, value.test)}) { ${storeField(p, target, value.yes)} } else { ${storeField(p, target, value.no)} }`;
  }
  if (value.kind === "ip") return `${target} = (struct tsp_ip){ .family = ${addressFamily(value)} }; __builtin_memcpy(${target}.bytes, ${bytesOf(p, value)}, ${byteCount(value)});`;
  return `${target} = ${printExpr(p, value)};`;
}

const byteCount = (ip: ExprOf<"ip">) => (ip.bytes.type as { count: number }).count;
const addressFamily = (ip: ExprOf<"ip">) => (byteCount(ip) === 4 ? 2 : 10);

/** Where an address's bytes are: in the context itself when it is a field of it. */
function bytesOf(p: FunctionPrinter, { bytes }: ExprOf<"ip">): string {
  return bytes.kind === "context-field" ? printContextAccess(p, bytes) : `(${printExpr(p, bytes)}).v`;
}

/** The C struct of an event: the record's id, then the fields in order; the layout pass computed the same offsets. */
export function printEventStruct(p: FunctionPrinter["program"], id: number, event: ExprOf<"object">): string {
  const { fields, size } = p.layouts.events[id] as { fields: readonly FieldLayout[]; size: number };
  const total = Math.ceil((8 + size) / 8) * 8;
  return `${eventStruct(id)} { __u64 tsp_id; ${members(p, event, fields)} };\n_Static_assert(sizeof(${eventStruct(id)}) == ${total}, "layout of event ${id}");`;
}

function members(p: FunctionPrinter["program"], event: ExprOf<"object">, fields: readonly FieldLayout[]): string {
  return event.fields
    .flatMap(({ name, value }, i): string[] => {
      const layout = fields[i]?.type;
      if (layout === undefined || layout.kind === "constant") return [];
      const member = memberName(name);
      if (value.kind === "object" && layout.kind === "struct") return [`struct { ${members(p, value, layout.fields)} } ${member};`];
      if (layout.kind === "int" || layout.kind === "enum") return [`${integerName(layout.size, layout.signed)} ${member};`];
      if (value.kind === "array" && layout.kind === "array") return [`${value.type.kind === "array" ? p.types.storage(value.type.element) : ""} ${member}[${layout.count}];`];
      return [`${p.types.of(value.type)} ${member};`];
    })
    .join(" ");
}
