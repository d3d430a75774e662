import type { Expr, ExprOf, MapRef } from "../ir/nodes.js";
import type { IrType } from "../ir/types.js";
import { type CTypes, memberName } from "./c-types.js";
import { NOTHING, printExpr } from "./expression.js";
import type { FunctionPrinter } from "./printer.js";
import { bare } from "./text.js";

const KINDS = { hash: 1, lruHash: 9 } as const;

type Side = "key" | "value";

/** C types of a map's keys and values, and the map itself (BPF_MAP_TYPE_ numbers of include/uapi/linux/bpf.h). */
export function printMap(map: MapRef, types: CTypes): readonly string[] {
  const { kind, max } = map.declaration;
  return [
    ...sideStruct(map, "key", types),
    ...sideStruct(map, "value", types),
    `// ${kind} ${map.name}`,
    "struct {",
    `  __uint(type, ${KINDS[kind]});`,
    `  __uint(max_entries, ${max});`,
    `  __type(key, ${sideType(map, "key", types)});`,
    `  __type(value, ${sideType(map, "value", types)});`,
    `} ${map.cName} SEC(".maps");`,
  ];
}

function sideStruct(map: MapRef, side: Side, types: CTypes): string[] {
  const type = map[side];
  if (type.kind !== "object") return [];
  const members = type.fields.map((field) => `${types.storage(field.type)} ${memberName(field.name)};`).join(" ");
  return [`struct ${map.cName}_${side} { ${members} };`];
}

function sideType(map: MapRef, side: Side, types: CTypes): string {
  return map[side].kind === "object" ? `struct ${map.cName}_${side}` : types.storage(map[side]);
}

/** get, has, set, delete. */
export function printMapCall(p: FunctionPrinter, e: ExprOf<"map-get" | "map-has" | "map-set" | "map-delete">): string {
  const { map } = e;
  const { types } = p.program;
  const key = storeSide(p, map, "key", e.key);
  switch (e.kind) {
    case "map-has":
      return p.keep("_Bool", `tsp_is_there(bpf_map_lookup_elem(&${map.cName}, &${key}))`, "has");
    case "map-delete":
      return p.keep("_Bool", `bpf_map_delete_elem(&${map.cName}, &${key}) == 0`, "deleted");
    case "map-set": {
      const value = storeSide(p, map, "value", e.value);
      const site = p.program.sites.indexOf(e.site);
      p.step(`if (bpf_map_update_elem(&${map.cName}, &${key}, &${value}, 0)) tsp_count(${site} /* ${e.site.reason} */);`);
      return NOTHING;
    }
    case "map-get": {
      const [found, result] = [p.temporary("found"), p.temporary("value")];
      p.step(
        `${sideType(map, "value", types)} *${found} = bpf_map_lookup_elem(&${map.cName}, &${key});`,
        `${types.of(e.type)} ${result} = {};`,
        // Copied at once: a later set must not change what was read.
        `${result}.has = tsp_is_there(${found});`,
        `if (${found}) { ${loadValue(`${result}.value`, found, map.value).join(" ")} }`,
      );
      return result;
    }
  }
}

/** Puts a key or value into a variable, whose name it gives; records are zeroed first, since padding counts in a key. */
function storeSide(p: FunctionPrinter, map: MapRef, side: Side, value: Expr): string {
  const type = sideType(map, side, p.program.types);
  if (map[side].kind !== "object") {
    const same = unlabelled(value);
    if (same.kind === "local" && p.program.types.of(same.local.type) === type) return same.local.cName;
    return p.keep(type, printExpr(p, value), side);
  }
  if (value.kind === "let") {
    p.step(`${p.program.types.of(value.bound.type)} ${value.bound.cName} = ${bare(printExpr(p, value.source))};`);
    return storeSide(p, map, side, value.result);
  }
  const parts =
    value.kind === "object"
      ? value.fields.map(({ name, value: part }) => ({ name, text: printExpr(p, part) }))
      : membersOf(p, value).map(({ name, text }) => ({ name, text }));
  const kept = p.temporary(side);
  const stores = parts.map(({ name, text }) => `${kept}.${memberName(name)} = ${bare(text)};`);
  p.step(`${type} ${kept};`, `__builtin_memset(&${kept}, 0, sizeof(${kept}));`, ...stores);
  return kept;
}

function membersOf(p: FunctionPrinter, value: Expr): { name: string; text: string }[] {
  const object = p.stable(p.program.types.of(value.type), printExpr(p, value));
  const { fields } = value.type as Extract<IrType, { kind: "object" }>;
  return fields.map(({ name }) => ({ name, text: `${object}.${memberName(name)}` }));
}

function unlabelled(value: Expr): Expr {
  return value.kind === "label" ? unlabelled(value.operand) : value;
}

function loadValue(target: string, found: string, type: IrType): string[] {
  if (type.kind !== "object") return [`${target} = *${found};`];
  return type.fields.map((field) => `${target}.${memberName(field.name)} = ${found}->${memberName(field.name)};`);
}
