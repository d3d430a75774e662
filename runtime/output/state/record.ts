import type { Program } from "../../../compiler/program.js";
import type { AggregationDeclaration, AggregationKind } from "../../../dsl/aggregation-declaration.js";
import { isAggregation } from "../../../dsl/aggregations.js";
import type { MapDeclaration } from "../../../dsl/map-declaration.js";
import type { PrintOptions } from "../../../dsl/print.js";
import { largest } from "../../../dsl/reading.js";
import { readingOf } from "../../../dsl/readings.js";
import type { Script } from "../../../dsl/script.js";
import type { State } from "../../../dsl/state.js";
import type { Shape } from "../../../dsl/types.js";

/** What a map or aggregation held when it was read, to be shown. */
export interface StateRecord {
  /** The script's name for it. */
  readonly name: string;
  readonly type: "map" | AggregationKind;
  readonly unit: string | undefined;
  /** How long an aggregation gathered. */
  readonly seconds: number | undefined;
  /** Undefined: there is one entry, without a key. */
  readonly key: Shape | undefined;
  /** Of maps: what their values are. */
  readonly value: Shape | undefined;
  /** The largest first. */
  readonly entries: readonly (readonly [key: unknown, reading: unknown])[];
}

type Declared = Pick<Script, "maps" | "aggregations" | "state">;
type Named = Pick<Program, "maps" | "aggregations">;

/** Reads a map or aggregation; `reset`: and begins an aggregation anew. */
export async function readState(state: State, name: string, { top, reset = false }: PrintOptions = {}): Promise<StateRecord> {
  const most = top ?? Number.POSITIVE_INFINITY;
  if (!isAggregation(state)) {
    const { key, value } = state.declaration as MapDeclaration;
    const entries = largest(state.entries() as unknown as [unknown, unknown][], most);
    return { name, type: "map", unit: undefined, seconds: undefined, key, value, entries };
  }
  const declaration = state.declaration as AggregationDeclaration;
  const { entries, seconds } = await state.snapshot(reset);
  const readings = entries.map(([key, totals]) => [key, readingOf(declaration, totals)] as const);
  const { kind: type, unit, key } = declaration;
  return { name, type, unit, seconds, key, value: undefined, entries: largest(readings, most) };
}

/** The script's name for its state. */
export function stateName({ maps, aggregations }: Declared, program: Named, state: State): string {
  const map = program.maps.find(({ index }) => maps[index] === state.declaration);
  const found = map ?? program.aggregations.find(({ index }) => aggregations[index] === state.declaration);
  return found?.name ?? ("kind" in state.declaration ? state.declaration.kind : "map");
}

/**
 * What is shown at the end by itself: aggregations, but for those of which the script says that it shows them, and maps that handlers
 * only write, which the host part of the script has not looked at.
 */
export function unreadState(declared: Declared, program: Named): readonly State[] {
  const shown = new Set<object | undefined>([
    ...program.aggregations.map(({ index }) => declared.aggregations[index]).filter((declaration) => declaration?.shown === true),
    ...program.maps.filter(({ writeOnly }) => writeOnly).map(({ index }) => declared.maps[index]),
  ]);
  return declared.state.filter((state) => shown.has(state.declaration) && !state.consumed);
}
