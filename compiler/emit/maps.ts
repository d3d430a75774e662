import type { Expr, ExprOf, MapRef } from "../ir/nodes.js";
import type { IrType } from "../ir/types.js";
import { type CTypes, memberName } from "./c-types.js";
import { printExpr } from "./expression.js";
import type { FunctionPrinter } from "./printer.js";

const KINDS = { hash: 1, lruHash: 9 } as const;

/** C types of a map's keys and values, and the map itself (BPF_MAP_TYPE_ numbers of include/uapi/linux/bpf.h). */
export function printMap(map: MapRef, types: CTypes): readonly string[] {
  const { kind, max } = map.declaration;
  return [
    ...sideStruct(map, "key", types),
    ...sideStruct(map, "value", types),
    `struct { __uint(type, ${KINDS[kind]}); __uint(max_entries, ${max}); __type(key, ${sideType(map, "key", types)}); __type(value, ${sideType(map, "value", types)}); } ${map.cName} SEC(".maps"); // ${map.name}`,
  ];
}

function sideStruct(map: MapRef, side: "key" | "value", types: CTypes): string[] {
  const type = map[side];
  if (type.kind !== "object") return [];
  const members = type.fields.map((field) => `${types.storage(field.type)} ${memberName(field.name)};`).join(" ");
  return [`struct ${map.cName}_${side} { ${members} };`];
}

function sideType(map: MapRef, side: "key" | "value", types: CTypes): string {
  return map[side].kind === "object" ? `struct ${map.cName}_${side}` : types.storage(map[side]);
}

/** get, has, set, delete. Keys and values lie in variables of their own, zeroed first: padding bytes count in a key. */
export function printMapCall(p: FunctionPrinter, e: ExprOf<"map-get" | "map-has" | "map-set" | "map-delete">): string {
  const { map } = e;
  const { types } = p.program;
  const key = p.temporary();
  const prepare = storeSide(p, map, "key", e.key, key);
  switch (e.kind) {
    case "map-has":
      return p.steps(...prepare, `bpf_map_lookup_elem(&${map.cName}, &${key}) != 0;`);
    case "map-delete":
      return p.steps(...prepare, `bpf_map_delete_elem(&${map.cName}, &${key}) == 0;`);
    case "map-set": {
      const value = p.temporary();
      const count = `tsp_count(${p.program.sites.indexOf(e.site)});`;
      return p.steps(...prepare, ...storeSide(p, map, "value", e.value, value), `if (bpf_map_update_elem(&${map.cName}, &${key}, &${value}, 0)) ${count}`, "(void)0;");
    }
    case "map-get": {
      const [found, result] = [p.temporary(), p.temporary()];
      return p.steps(
        ...prepare,
        `${types.of(e.type)} ${result} = {};`,
        `${sideType(map, "value", types)} *${found} = bpf_map_lookup_elem(&${map.cName}, &${key});`,
        // Copied at once: a later set must not change what was read.
        `if (${found}) { ${result}.has = 1; ${loadValue(`${result}.value`, found, map.value).join(" ")} }`,
        `${result};`,
      );
    }
  }
}

function storeSide(p: FunctionPrinter, map: MapRef, side: "key" | "value", value: Expr, name: string): string[] {
  const type = sideType(map, side, p.program.types);
  const declared = `${type} ${name};`;
  if (map[side].kind !== "object") return [`${type} ${name} = ${printExpr(p, value)};`];
  const fields = value.kind === "object" ? value.fields : [];
  return [declared, `__builtin_memset(&${name}, 0, sizeof(${name}));`, ...fields.map((field) => `${name}.${memberName(field.name)} = ${printExpr(p, field.value)};`)];
}

function loadValue(target: string, found: string, type: IrType): string[] {
  if (type.kind !== "object") return [`${target} = *${found};`];
  return type.fields.map((field) => `${target}.${memberName(field.name)} = ${found}->${memberName(field.name)};`);
}
