import type { Expr, ExprOf, IrModule } from "../ir/nodes.js";
import { isWithin, type Range, rangeOfWidth } from "../ir/range.js";
import { type IrType, templateFields } from "../ir/types.js";
import { visitModule } from "../ir/walk.js";
import type { EventLayout, FieldLayout, ValueLayout } from "../program.js";

/** Events by record id, and the id of each event expression. */
export interface LayoutTable {
  readonly events: readonly EventLayout[];
  readonly idOf: (event: Expr) => number;
}

/** Gives each shape of event of each stream a record id and a layout, which the C struct and the decoder share. */
export function layOutEvents(module: IrModule): LayoutTable {
  const events: EventLayout[] = [];
  const ids = new Map<string, number>();
  const byExpr = new Map<Expr, number>();
  const add = (event: Expr, stream: number) => {
    const { fields, size } = layOutFields((event as ExprOf<"object">).fields);
    const key = `${stream} ${describe(fields)} ${describeForm(event)}`;
    const id = ids.get(key) ?? events.length;
    if (id === events.length) {
      ids.set(key, id);
      events.push(Object.freeze({ name: module.streamNames[stream] as string, stream, size, fields }));
    }
    byExpr.set(event, id);
  };
  for (const handler of module.handlers) {
    const only = { ...module, handlers: [handler], helpers: [] };
    visitModule(
      only,
      (s) => s.kind === "send" && s.event !== undefined && add(s.event, handler.stream),
      (expr) => expr.kind === "emit" && add(expr.event, expr.channel.stream),
    );
  }
  visitModule(
    { ...module, handlers: [] },
    () => {},
    (expr) => expr.kind === "emit" && add(expr.event, expr.channel.stream),
  );
  return {
    events: Object.freeze(events),
    idOf: (event) => {
      const id = byExpr.get(event);
      if (id === undefined) throw new Error("an event was not laid out");
      return id;
    },
  };
}

function describe(fields: readonly FieldLayout[]): string {
  return JSON.stringify(fields, (_key, value) => {
    if (value instanceof Map) return [...value];
    return typeof value === "bigint" || value === undefined ? { [typeof value]: String(value) } : value;
  });
}

/** Which parts of an event are literals: these are stored member by member, others as a whole. */
function describeForm(value: Expr): string {
  if (value.kind === "object") return `{${value.fields.map((field) => describeForm(field.value)).join()}}`;
  if (value.kind === "template") return `\`${value.elements.map(describeForm).join()}\``;
  return value.kind === "array" ? "[]" : "";
}

interface Sized {
  readonly layout: ValueLayout;
  readonly size: number;
  readonly align: number;
}

function layOutFields(parts: readonly { readonly name: string; readonly value: Expr }[]): {
  fields: readonly FieldLayout[];
  size: number;
  align: number;
} {
  let end = 0;
  let widest = 1;
  const fields = parts.map(({ name, value }) => {
    const { layout, size, align } = valueLayout(value);
    const offset = Math.ceil(end / align) * align;
    end = offset + size;
    widest = Math.max(widest, align);
    return Object.freeze({ name, offset, type: layout });
  });
  return { fields: Object.freeze(fields), size: Math.ceil(end / widest) * widest, align: widest };
}

function valueLayout(value: Expr): Sized {
  if (
    value.kind === "constant" &&
    (value.type.kind === "literal" ||
      typeof value.value === "boolean" ||
      value.type.kind === "undefined" ||
      value.type.kind === "null")
  ) {
    return { layout: Object.freeze({ kind: "constant", value: value.value }), size: 0, align: 1 };
  }
  if (value.kind === "constant" && (value.type.kind === "number" || value.type.kind === "bigint")) {
    return {
      layout: Object.freeze({
        kind: "constant",
        value: value.type.kind === "number" ? Number(value.value) : (value.value as bigint),
      }),
      size: 0,
      align: 1,
    };
  }
  if (value.kind === "object") {
    const { fields, size, align } = layOutFields(value.fields);
    const tuple = value.type.kind === "object" && value.type.tuple ? { tuple: true as const } : {};
    return { layout: Object.freeze({ kind: "struct", fields, size, ...tuple }), size, align };
  }
  if (value.kind === "template") {
    const { fields, size, align } = layOutFields(value.elements.map((element, i) => ({ name: String(i), value: element })));
    return { layout: Object.freeze({ kind: "template", texts: textsOf(value.type), values: fields, size }), size, align };
  }
  return typeLayout(value.type, value.type.kind === "array" && value.kind !== "array");
}

const textsOf = (type: IrType): readonly string[] => (type.kind === "template" ? type.texts : []);

/** The narrowest C integer that holds a number's range; it is what the field's own width was, when it is passed on unchanged. */
export function integerStorage(range: Range): { readonly size: 1 | 2 | 4 | 8; readonly signed: boolean } {
  for (const size of [1, 2, 4] as const) {
    for (const signed of [false, true]) if (isWithin(range, rangeOfWidth(size, signed))) return { size, signed };
  }
  return { size: 8, signed: true };
}

/** The same of an integer shown by name: flags can have all 64 bits. */
export function nameStorage({ range }: Extract<IrType, { kind: "name" }>): ReturnType<typeof integerStorage> {
  return range.max >= 2n ** 63n ? { size: 8, signed: false } : integerStorage(range);
}

/** How a value of a type lies in an event; `inMemory`: in the form that variables have in C (inside optionals). */
export function typeLayout(type: IrType, inMemory = false): Sized {
  const sized = (layout: ValueLayout, size: number, align: number): Sized => ({ layout: Object.freeze(layout), size, align });
  switch (type.kind) {
    case "number": {
      const { size, signed } = inMemory ? { size: 8 as const, signed: true } : integerStorage(type.range);
      return sized({ kind: "int", size, signed, as: "number" }, size, size);
    }
    case "bigint":
      return type.address
        ? sized({ kind: "pointer" }, 8, 8)
        : sized({ kind: "int", size: 8, signed: type.signed, as: "bigint" }, 8, 8);
    case "double":
      return sized({ kind: "int", size: 8, signed: type.signed, as: "number" }, 8, 8);
    case "name": {
      const { size, signed } = inMemory ? { size: 8 as const, signed: type.range.min < 0n } : nameStorage(type);
      if (type.flags !== undefined) return sized({ kind: "flags", size, signed, names: type.flags }, size, size);
      return sized({ kind: "enum", size, signed, names: type.names }, size, size);
    }
    case "boolean":
      return sized({ kind: "bool" }, 1, 1);
    case "string":
      return sized({ kind: "string", size: type.size }, type.size, 1);
    case "literal":
      return sized({ kind: "constant", value: type.value }, 0, 1);
    case "undefined":
    case "null":
      return sized({ kind: "constant", value: type.kind === "null" ? null : undefined }, 0, 1);
    case "ip":
      return sized({ kind: "ip" }, 20, 4);
    case "stack":
      return sized({ kind: "stack", user: type.user }, 8, 8);
    case "symbol":
      return sized({ kind: "symbol", user: type.user }, type.user ? 16 : 8, 8);
    case "mac":
      return sized({ kind: "mac" }, 6, 1);
    case "ints": {
      const { size, signed } = type.element;
      if (size === 1 && !signed) return sized({ kind: "bytes", size: type.count }, type.count, 1);
      return sized(
        {
          kind: "array",
          count: type.count,
          stride: size,
          element: { kind: "int", size, signed, as: size === 8 ? "bigint" : "number" },
        },
        size * type.count,
        size,
      );
    }
    case "array": {
      const { layout, size, align } = typeLayout(type.element, inMemory);
      return sized({ kind: "array", count: type.count, stride: size, element: layout }, size * type.count, align);
    }
    case "optional": {
      const inner = typeLayout(type.value, true);
      const valueOffset = inner.align;
      const size = Math.ceil((valueOffset + inner.size) / inner.align) * inner.align;
      return sized({ kind: "optional", valueOffset, value: inner.layout }, size, inner.align);
    }
    case "template": {
      const { layout, size, align } = structLayout({ kind: "object", fields: templateFields(type) }, (part) =>
        typeLayout(part, true),
      );
      const { fields } = layout as Extract<ValueLayout, { kind: "struct" }>;
      return sized({ kind: "template", texts: type.texts, values: fields, size }, size, align);
    }
    case "object":
      return structLayout(type, (part) => typeLayout(part, true));
    default:
      throw new Error(`${type.kind} has no place in an event`);
  }
}

/** A key or value of a map, or a part of one: integers take their declared width there. */
export function storedLayout(type: IrType): Sized {
  return type.kind === "object" ? structLayout(type, storedLayout) : typeLayout(type);
}

/** An object that is held in a C struct. */
function structLayout({ fields: members, tuple }: Extract<IrType, { kind: "object" }>, layoutOf: (type: IrType) => Sized): Sized {
  let end = 0;
  let widest = 1;
  const fields = members.map(({ name, type }) => {
    const { layout, size, align } = layoutOf(type);
    const offset = Math.ceil(end / align) * align;
    end = offset + size;
    widest = Math.max(widest, align);
    return { name, offset, type: layout };
  });
  const size = Math.ceil(end / widest) * widest;
  return { layout: { kind: "struct", fields, size, ...(tuple ? { tuple } : {}) }, size, align: widest };
}
