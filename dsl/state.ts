import type { Aggregation, KeyedAggregation } from "./aggregations.js";
import type { KernelArray, KernelMap } from "./maps.js";
import type { Stash } from "./stash.js";

/** What keeps state between runs of handlers and can be read by the host part of a script. */
export type State =
  | KernelMap<never, never>
  | KernelArray<never>
  | Stash<never, never>
  | Aggregation<never[], unknown>
  | KeyedAggregation<never, never[], unknown>;
