import { isArray } from "../../dsl/map-declaration.js";
import type { Expr, ExprOf, MapRef } from "../ir/nodes.js";
import { type CTypes, memberName } from "./c-types.js";
import { printExpr } from "./expression.js";
import { NOTHING, printEmpty } from "./literals.js";
import { loadValue, mapDefinition, partsOfValue, sideRoom, sideStruct, sideType, storeParts, storeSide } from "./map-sides.js";
import type { FunctionPrinter } from "./printer.js";
import { bare, printVariable } from "./text.js";

export { loadValue, sideType } from "./map-sides.js";

/** C types of a map's keys and values, and the map itself. */
export function printMap(map: MapRef, types: CTypes): readonly string[] {
  const { kind, max } = map.declaration;
  const [key, value] = [sideType(map, "key", types), sideType(map, "value", types)];
  return [
    ...sideStruct(map, "key", types),
    ...sideStruct(map, "value", types),
    `// ${kind} ${map.name}`,
    ...mapDefinition(map.cName, kind, max, key, value),
    ...(kind === "stash"
      ? [`// records of ${map.name}: put, taken`, ...mapDefinition(tallyName(map), "perCpuArray", 2, "__u32", "__u64")]
      : []),
  ];
}

/** The map that counts what goes into a stash and out of it. */
export function tallyName(map: MapRef): string {
  return `${map.cName.slice(0, 13)}_n`;
}

type MapGet = Extract<Expr, { kind: "map-get" | "map-has" | "map-delete" }>;
type MapCall = ExprOf<"map-get" | "map-has" | "map-set" | "map-delete" | "map-add" | "stash-put" | "stash-take">;

/** Operations on maps. */
export function printMapCall(p: FunctionPrinter, e: MapCall): string {
  const { map } = e;
  const key = storeSide(p, map, "key", e.key);
  switch (e.kind) {
    case "map-has":
      return p.keep("_Bool", `tsp_is_there(bpf_map_lookup_elem(&${map.cName}, &${key}))`, "has");
    case "map-delete":
      return p.keep("_Bool", `bpf_map_delete_elem(&${map.cName}, &${key}) == 0`, "deleted");
    case "map-set": {
      const value = storeSide(p, map, "value", e.value);
      const update = `bpf_map_update_elem(&${map.cName}, &${key}, &${value}, 0)`;
      p.step(e.site === undefined ? `${update};` : `if (${update}) ${countText(p, e.site)}`);
      return NOTHING;
    }
    case "map-get":
      return printGet(p, e, key);
    case "map-add":
      return printAdd(p, e, key);
    case "stash-put":
      return printPut(p, e, key);
    case "stash-take":
      return printTake(p, e, key);
  }
}

function countText(p: FunctionPrinter, site: Parameters<FunctionPrinter["fail"]>[0]): string {
  return `tsp_count(${p.program.sites.indexOf(site)} /* ${site.reason} */);`;
}

function printGet(p: FunctionPrinter, e: MapGet, key: string): string {
  const { map } = e;
  const { types } = p.program;
  const [found, result] = [p.temporary("found"), p.temporary("value")];
  p.step(`${sideType(map, "value", types)} *${found} = bpf_map_lookup_elem(&${map.cName}, &${key});`);
  // Copied at once: a later set must not change what was read.
  if (isArray(map.declaration.kind)) {
    p.step(
      printVariable(types.of(e.type), result, printEmpty(p, e.type)),
      `if (${found}) { ${loadValue(p, result, found, map.value).join(" ")} }`,
    );
  } else {
    p.step(
      printVariable(types.of(e.type), result, printEmpty(p, e.type)),
      `${result}.has = tsp_is_there(${found});`,
      `if (${found}) { ${loadValue(p, `${result}.value`, found, map.value).join(" ")} }`,
    );
  }
  return result;
}

/** An amount for each part, in variables: they are used twice. */
function amountsOf(p: FunctionPrinter, value: Expr): { readonly member: string; readonly text: string }[] {
  return partsOfValue(p, value).map(({ member, type, text }) => ({ member, text: p.stable(p.program.types.of(type), text) }));
}

/**
 * Adds with the CPU's atomic instruction, so that nothing is lost when other CPUs add to the same value, or another program on
 * this CPU interrupts this one. A missing key is put in; when another CPU was faster in that, its value is added to.
 */
function printAdd(p: FunctionPrinter, e: ExprOf<"map-add">, key: string): string {
  const { map } = e;
  const type = sideType(map, "value", p.program.types);
  const amounts = amountsOf(p, e.value);
  const found = p.temporary("found");
  const lookup = `bpf_map_lookup_elem(&${map.cName}, &${key})`;
  const adds = amounts.map(({ member, text }) => `__sync_fetch_and_add(${placeText(found, member)}, ${text});`).join(" ");
  p.step(`${type} *${found} = ${lookup};`);
  if (e.site === undefined) {
    p.step(`if (${found}) { ${adds} }`);
    return NOTHING;
  }
  const first = p.temporary("first");
  p.step(
    `if (${found}) { ${adds} } else {`,
    map.value.kind === "object"
      ? `  ${type} ${first}; __builtin_memset(&${first}, 0, sizeof(${first})); ${amounts.map(({ member, text }) => `${first}${member} = ${text};`).join(" ")}`
      : `  ${type} ${first} = ${bare(amounts[0]?.text ?? "0")};`,
    `  if (bpf_map_update_elem(&${map.cName}, &${key}, &${first}, 1 /* BPF_NOEXIST */)) {`,
    `    ${found} = ${lookup};`,
    `    if (${found}) { ${adds} } else ${countText(p, e.site)}`,
    "  }",
    "}",
  );
  return NOTHING;
}

/** The address of a part of what a pointer points at. */
function placeText(pointer: string, member: string): string {
  return member === "" ? pointer : `&${pointer}->${member.slice(1)}`;
}

const EEXIST = 17;

function printPut(p: FunctionPrinter, e: ExprOf<"stash-put">, key: string): string {
  const { map } = e;
  const parts = e.value === undefined ? [] : partsOfValue(p, e.value);
  const { kept: value, zeroed } = sideRoom(p, map, "value");
  const result = p.temporary("result");
  const update = (flags: string) => `bpf_map_update_elem(&${map.cName}, &${key}, &${value}, ${flags})`;
  p.step(
    ...zeroed,
    ...storeParts(p, value, parts),
    `${value}.${memberName("ns")} = bpf_ktime_get_ns();`,
    `long ${result} = ${update("1 /* BPF_NOEXIST */")};`,
    `if (${result} == 0) { tsp_tally(&${tallyName(map)}, 0); }`,
    `else if (${result} == -${EEXIST} /* EEXIST */ && ${update("0")} == 0) { ${countText(p, e.replaced)} }`,
    `else { ${countText(p, e.site)} }`,
  );
  return NOTHING;
}

/** Who deletes the record has it: on another CPU the same `take` finds nothing. */
function printTake(p: FunctionPrinter, e: ExprOf<"stash-take">, key: string): string {
  const { map } = e;
  const { types } = p.program;
  const least = e.least && p.keep(types.of(e.least.type), printExpr(p, e.least), "least");
  const [now, found, result] = [p.temporary("now"), p.temporary("found"), p.temporary("taken")];
  const ns = `${result}.value.${memberName("ns")}`;
  const signed = e.least?.type.kind === "bigint" && e.least.type.signed;
  const enough = least === undefined ? "1" : `${signed ? "(__s64)" : ""}${ns} >= ${least}`;
  p.step(
    `__u64 ${now} = bpf_ktime_get_ns();`,
    `${sideType(map, "value", types)} *${found} = bpf_map_lookup_elem(&${map.cName}, &${key});`,
    printVariable(types.of(e.type), result, printEmpty(p, e.type)),
    `if (${found}) {`,
    `  ${loadValue(p, `${result}.value`, found, map.value).join(" ")}`,
    `  ${ns} = ${now} - ${ns};`,
    `  if (bpf_map_delete_elem(&${map.cName}, &${key}) == 0) { tsp_tally(&${tallyName(map)}, 1); ${result}.has = ${enough}; }`,
    "}",
  );
  return result;
}

/** A number that must be an index inside, else the run ends. */
export function printInRange(p: FunctionPrinter, e: ExprOf<"in-range">): string {
  const index = p.stable("__s64", printExpr(p, e.operand));
  p.step(`if ((__u64)${index} >= ${e.limit}) ${p.fail(e.site)}`);
  return index;
}
