import type { IrModule } from "../ir/nodes.js";
import type { IrType } from "../ir/types.js";
import { visitModule } from "../ir/walk.js";
import { isPerCpuAggregation, slotOf } from "../passes/aggregation-slot.js";
import { storedLayout } from "../passes/layout.js";
import type { ProgramAggregation, ProgramMap, StoredLayout } from "../program.js";
import { bankNames } from "./aggregations.js";
import { tallyName } from "./maps.js";

function layoutOf(type: IrType): StoredLayout {
  const { size, layout } = storedLayout(type);
  return Object.freeze({ size, layout });
}

/** What the runtime must know of each map. */
export function programMaps(module: IrModule): readonly ProgramMap[] {
  const read = new Set<number>();
  const note = (node: object) => {
    const { kind, map } = node as { readonly kind: string; readonly map?: { readonly index: number } };
    if (map !== undefined && kind !== "map-set" && kind !== "map-add") read.add(map.index);
  };
  visitModule(module, note, note);
  return Object.freeze(
    module.maps.map((map) =>
      Object.freeze({
        cName: map.cName,
        name: map.name,
        span: map.span,
        index: map.index,
        key: layoutOf(map.key),
        value: layoutOf(map.value),
        writeOnly: !read.has(map.index),
        tally: map.declaration.kind === "stash" ? tallyName(map) : undefined,
      }),
    ),
  );
}

/** What the runtime must know of each aggregation. */
export function programAggregations(module: IrModule): readonly ProgramAggregation[] {
  return Object.freeze(
    module.aggregations.map((aggregation, selector) =>
      Object.freeze({
        name: aggregation.name,
        span: aggregation.span,
        index: aggregation.index,
        selector,
        banks: bankNames(aggregation),
        perCpu: isPerCpuAggregation(aggregation.declaration),
        key: aggregation.key === undefined ? undefined : layoutOf(aggregation.key),
        slot: slotOf(aggregation.declaration),
      }),
    ),
  );
}
