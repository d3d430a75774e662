import type { HandlerFunction } from "../ir/nodes.js";

/**
 * Memory for texts and arrays of bytes that are too large for the stack (compiler/ir/long.ts). Each place in a function that makes
 * one has room of its own, and each call of a helper has room for all of the helper's, so a value keeps its bytes until the
 * handler ends; only a loop fills the same room again, so such values cannot be assigned in loops (TSP2507).
 *
 * A handler's room lies in a per-CPU map. Programs of some kinds (uprobes, iterators) can be preempted by a run of the same program
 * on the same CPU, so that a map holds room for several runs, each taken by one at a time.
 */
const RUNS_AT_ONCE = 4;

/** The name under which a function knows its room. */
export const SCRATCH = "tsp_scratch";

/** Name of a handler's map; kernel names hold 15 characters. */
export function scratchMap(handler: HandlerFunction): string {
  return `tsp_s_${handler.functionName}`.slice(0, 15);
}

/** Bytes so that each piece is aligned to 8. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

/** The map with a handler's room; BPF_MAP_TYPE_PERCPU_ARRAY (include/uapi/linux/bpf.h). */
export function printScratchMap(handler: HandlerFunction, bytes: number): string {
  const name = scratchMap(handler);
  return `// Room for the long texts of ${handler.name}
struct ${name}_room { __u64 users; char bytes[${aligned(bytes)}]; };
struct {
  __uint(type, 6);
  __uint(max_entries, ${RUNS_AT_ONCE});
  __type(key, __u32);
  __type(value, struct ${name}_room);
} ${name} SEC(".maps");`;
}

/**
 * Takes room that no other run uses. The count goes up before it is looked at, so that of two runs at most one sees 1.
 * Without room left the run ends, which is counted.
 */
export const TAKE_SCRATCH = `INLINE char *tsp_take_scratch(void *map) {
  for (__u32 i = 0; i < ${RUNS_AT_ONCE}; i++) {
    __u32 key = i;
    __u64 *users = bpf_map_lookup_elem(map, &key);
    if (!users) return 0;
    __sync_fetch_and_add(users, 1);
    if (*(volatile __u64 *)users == 1) return (char *)(users + 1);
    __sync_fetch_and_add(users, -1);
  }
  return 0;
}`;

export const GIVE_SCRATCH = `INLINE void tsp_give_scratch(char *scratch) {
  __sync_fetch_and_add((__u64 *)scratch - 1, -1);
}`;
