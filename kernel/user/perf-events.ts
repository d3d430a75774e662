/** A counter of the kernel or the processor, as perf_event_open(2) names it (include/uapi/linux/perf_event.h). */
export interface PerfEventKind {
  readonly type: number;
  readonly config: bigint;
  readonly isHardware: boolean;
  /** What is counted, in words: "page faults", "nanoseconds of CPU time". */
  readonly counts: string;
}

const PERF_TYPE_HARDWARE = 0;
const PERF_TYPE_SOFTWARE = 1;
const PERF_TYPE_HW_CACHE = 3;

/** PERF_COUNT_SW_…: their numbers are their places. */
const SOFTWARE: readonly (readonly [name: string, counts: string])[] = [
  ["cpu-clock", "nanoseconds of a CPU"],
  ["task-clock", "nanoseconds of tasks on a CPU"],
  ["page-faults", "page faults"],
  ["context-switches", "context switches"],
  ["cpu-migrations", "moves of a task to another CPU"],
  ["minor-faults", "page faults without reading from a disk"],
  ["major-faults", "page faults that read from a disk"],
  ["alignment-faults", "unaligned accesses that the kernel repaired"],
  ["emulation-faults", "instructions that the kernel emulated"],
];

/** PERF_COUNT_HW_… */
const HARDWARE: readonly string[] = [
  "cycles",
  "instructions",
  "cache-references",
  "cache-misses",
  "branches",
  "branch-misses",
  "bus-cycles",
  "stalled-cycles-frontend",
  "stalled-cycles-backend",
  "ref-cycles",
];

/** PERF_COUNT_HW_CACHE_…, by perf's names; an event is a cache, an operation (load, store, prefetch), and whether it missed. */
const CACHES = ["L1-dcache", "L1-icache", "LLC", "dTLB", "iTLB", "branch", "node"];
const OPERATIONS = [
  ["loads", "load-misses"],
  ["stores", "store-misses"],
  ["prefetches", "prefetch-misses"],
] as const;

/** Other names of the same, as perf has them. */
const ALIASES: Readonly<Record<string, string>> = {
  faults: "page-faults",
  cs: "context-switches",
  migrations: "cpu-migrations",
  "cpu-cycles": "cycles",
  "branch-instructions": "branches",
};

function allEvents(): ReadonlyMap<string, PerfEventKind> {
  const events = new Map<string, PerfEventKind>();
  for (const [i, [name, counts]] of SOFTWARE.entries())
    events.set(name, { type: PERF_TYPE_SOFTWARE, config: BigInt(i), isHardware: false, counts });
  for (const [i, name] of HARDWARE.entries())
    events.set(name, { type: PERF_TYPE_HARDWARE, config: BigInt(i), isHardware: true, counts: name });
  for (const [cache, cacheName] of CACHES.entries())
    for (const [operation, names] of OPERATIONS.entries())
      for (const [result, suffix] of names.entries()) {
        const name = `${cacheName}-${suffix}`;
        const config = BigInt(cache | (operation << 8) | (result << 16));
        events.set(name, { type: PERF_TYPE_HW_CACHE, config, isHardware: true, counts: name });
      }
  for (const [alias, name] of Object.entries(ALIASES)) events.set(alias, events.get(name) as PerfEventKind);
  return events;
}

/** All by name, those of the kernel first. Which the processor has, only the kernel knows. */
export const PERF_EVENTS: ReadonlyMap<string, PerfEventKind> = allEvents();
