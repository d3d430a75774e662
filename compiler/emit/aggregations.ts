import type { BucketScale } from "../../dsl/aggregation-declaration.js";
import { bucketCount } from "../../dsl/buckets.js";
import type { AggregationRef, ExprOf } from "../ir/nodes.js";
import { isPerCpuAggregation, slotOf } from "../passes/aggregation-slot.js";
import { type AggregationSlot, SELECTORS_SECTION } from "../program.js";
import type { CTypes } from "./c-types.js";
import { printExpr } from "./expression.js";
import { NOTHING, printInteger } from "./literals.js";
import { mapDefinition, sideStruct, sideType, storeSide } from "./map-sides.js";
import type { FunctionPrinter } from "./printer.js";
import { bare } from "./text.js";

/** Names of the two maps of an aggregation; without a key one array of two entries. */
export function bankNames({ cName, key }: AggregationRef): readonly [string, string] {
  return key === undefined ? [cName, cName] : [`${cName}_0`, `${cName}_1`];
}

/** The maps of an aggregation and the types of their keys and values. */
export function printAggregationMaps(aggregation: AggregationRef, types: CTypes): readonly string[] {
  const { cName, name, declaration, key } = aggregation;
  const slot = `struct ${cName}_slot`;
  const perCpu = isPerCpuAggregation(declaration);
  const head = [`${slot} { ${slotMembers(slotOf(declaration)).join(" ")} };`, `// ${declaration.kind} ${name}`];
  if (key === undefined) return [...head, ...mapDefinition(cName, "perCpuArray", 2, "__u32", slot)];
  const keyType = sideType(aggregation, "key", types);
  const kind = perCpu ? "perCpuHash" : "hash";
  const banks = bankNames(aggregation).flatMap((bank) => mapDefinition(bank, kind, declaration.max, keyType, slot));
  return [...sideStruct(aggregation, "key", types), ...head, ...banks];
}

function slotMembers(slot: AggregationSlot): string[] {
  const named = (["any", "count", "low", "high", "min", "max"] as const).filter((name) => slot[name] !== undefined);
  const members = named.map((name) => `__u64 ${name};`);
  return slot.buckets === undefined ? members : [...members, `__u64 buckets[${slot.words - slot.buckets}];`];
}

/** What all aggregations of a program share: the selectors, and zeros to begin new keys with. */
export function printAggregationData(aggregations: readonly AggregationRef[]): readonly string[] {
  if (aggregations.length === 0) return [];
  const keyed = aggregations.filter(({ key }) => key !== undefined);
  const words = Math.max(0, ...keyed.map(({ declaration }) => slotOf(declaration).words));
  return [
    "// Which of its two copies each aggregation uses; the host switches them",
    `__u32 tsp_banks[${aggregations.length}] SEC("${SELECTORS_SECTION}") = {};`,
    ...(words === 0 ? [] : [`static const __u64 tsp_zeros[${words}] = {};`]),
  ];
}

const SLOT = `// What an aggregation gathers for a key; a new key begins with zeros
INLINE void *tsp_slot(void *map, const void *key, __u32 site) {
  void *slot = bpf_map_lookup_elem(map, key);
  if (slot) return slot;
  bpf_map_update_elem(map, key, tsp_zeros, 1 /* BPF_NOEXIST */);
  slot = bpf_map_lookup_elem(map, key);
  if (!slot) tsp_count(site);
  return slot;
}`;

/** The functions that count or take values. */
export function printAggregationFunctions(aggregations: readonly AggregationRef[]): string {
  const slot = aggregations.some(({ key }) => key !== undefined) ? [SLOT] : [];
  return [...slot, ...aggregations.map(printAggregationFunction)].map((text) => `${text}\n`).join("");
}

function printAggregationFunction(aggregation: AggregationRef, selector: number): string {
  const { cName, declaration, key, exchange } = aggregation;
  const slot = slotOf(declaration);
  const value = declaration.kind !== "count";
  const parameters = [...(key === undefined ? [] : ["const void *key", "__u32 site"]), ...(value ? ["__s64 value"] : [])];
  const [first, second] = bankNames(aggregation);
  // The empty asm keeps the two look-ups apart: of one look-up in either of two maps the kernel makes slower code.
  const find =
    key === undefined
      ? [`struct ${cName}_slot *slot = bpf_map_lookup_elem(&${cName}, &bank);`]
      : [
          `struct ${cName}_slot *slot;`,
          `if (bank) { slot = tsp_slot(&${second}, key, site); asm volatile("" : "+r"(slot) : "i"(1)); }`,
          `else { slot = tsp_slot(&${first}, key, site); asm volatile("" : "+r"(slot) : "i"(0)); }`,
        ];
  const lines = [
    `__u32 bank = *(volatile __u32 *)&tsp_banks[${selector}] & 1;`,
    ...find,
    "if (!slot) return;",
    ...gatherLines(slot, declaration.scale, exchange),
  ];
  return `INLINE void ${cName}_add(${parameters.join(", ") || "void"}) {\n${lines.map((line) => `  ${line}`).join("\n")}\n}`;
}

/** Each word is changed by one atomic instruction: other CPUs, or a program that interrupts this one, may change the same slot. */
function gatherLines(slot: AggregationSlot, scale: BucketScale | undefined, exchange: boolean): string[] {
  const extreme = exchange ? "tsp_grow" : "tsp_grow_plainly";
  return [
    ...(slot.any === undefined ? [] : ["slot->any = 1;"]),
    ...(slot.count === undefined ? [] : ["__sync_fetch_and_add(&slot->count, 1);"]),
    ...(slot.low === undefined
      ? []
      : [
          "__sync_fetch_and_add(&slot->low, (__u32)value);",
          "if (value >> 32) __sync_fetch_and_add(&slot->high, (__u64)(value >> 32));",
        ]),
    ...(slot.min === undefined ? [] : [`${extreme}(&slot->min, (__u64)value ^ 0x7fffffffffffffffULL);`]),
    ...(slot.max === undefined ? [] : [`${extreme}(&slot->max, (__u64)value ^ 0x8000000000000000ULL);`]),
    ...(scale === undefined ? [] : bucketLines(scale)),
  ];
}

function bucketLines(scale: BucketScale): string[] {
  const bucket =
    scale.kind === "log"
      ? `tsp_log_bucket(value, ${scale.bits})`
      : `tsp_step(value, ${printInteger(scale.min)}, ${scale.step}ULL, ${scale.steps})`;
  return [
    `__u64 bucket = ${bucket};`,
    'asm("" : "+r"(bucket)); // clang must not drop the check, which the verifier needs to see',
    `if (bucket < ${bucketCount(scale)}) __sync_fetch_and_add(&slot->buckets[bucket], 1);`,
  ];
}

/** add(key, value) */
export function printAggregate(p: FunctionPrinter, e: ExprOf<"aggregate">): string {
  const { aggregation } = e;
  const given: string[] = [];
  if (e.key !== undefined && e.site !== undefined)
    given.push(`&${storeSide(p, aggregation, "key", e.key)}`, `${p.program.sites.indexOf(e.site)} /* ${e.site.reason} */`);
  if (e.value !== undefined) given.push(bare(printExpr(p, e.value)));
  p.step(`${aggregation.cName}_add(${given.join(", ")});`);
  return NOTHING;
}
