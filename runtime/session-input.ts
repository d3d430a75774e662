import type { CounterSite, Program, ProgramProbe } from "../compiler/program.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { EventStream } from "../dsl/stream.js";
import type { CounterReading } from "./counters.js";
import type { EventDecoder } from "./decode.js";
import type { Libbpf } from "./libbpf/library.js";
import type { StateDeclarations } from "./maps/host-state.js";
import type { WatchedPipe } from "./wait.js";

/** What a session runs, and whom it tells of what. */
export interface SessionInput {
  readonly program: Program;
  /** The compiled program, an ELF file. */
  readonly object: Uint8Array;
  /** Index: `EventLayout.stream`. */
  readonly streams: readonly EventStream<never>[];
  /** Index: as in `program.events`. */
  readonly decoders: readonly EventDecoder[];
  /** Least size of the event ring in bytes (rounded up to a power of two); as compiled in if not given. */
  readonly ringBytes?: number;
  /** libbpf to use; found by `openLibbpf` if not given. */
  readonly libbpf?: Libbpf;
  /** Directory that holds tracefs' `events/`; found by `openTracefs` if not given. */
  readonly tracefs?: string;
  /** Takes lines for `-v`. */
  log(line: string): void;
  /** Takes what the user should know while it runs. */
  warn?(warning: Diagnostic): void;
  /** Called before an event is delivered. Returning false discards this event and all that follow. */
  onEvent?(stream: number, event: unknown): boolean | undefined;
  /** Whether the output cannot take more now: draining pauses then, and what the ring cannot hold is counted as lost. */
  congested?(): boolean;
  /** The pipe that the output goes to: its reader may leave while there is nothing to write. */
  readonly outputPipe?: WatchedPipe;
  /** Events newly lost at one emit site, because the ring had no room. */
  onLost?(site: CounterSite, count: bigint): void;
  /** Called once at the end: nothing is attached, all events are delivered, maps can still be read. What it throws goes to onCallbackError. */
  onDrained?(): Promise<void> | void;
  /** The script's maps and aggregations, which the host part can read from `attach` until the end. */
  readonly state?: StateDeclarations;
  /** Called last: streams have finished, so the script's last lines run; maps can still be read. What it throws goes to onCallbackError. */
  beforeUnload?(): Promise<void> | void;
  /** Gets what a callback of the script threw. Nothing is delivered after that: the caller should stop the session. */
  onCallbackError?(error: unknown): void;
}

/** How often the kernel skipped a probe because a program was running on that CPU already. */
export interface MissedRuns {
  readonly probe: ProgramProbe;
  readonly count: bigint;
}

/** Hits of a kprobe that the kernel did not call the program for; `count` undefined: it does not count them. */
export interface MissedHits {
  readonly probe: ProgramProbe;
  readonly count: bigint | undefined;
}

export interface SessionSummary {
  /** Events handed to each stream. */
  readonly delivered: readonly number[];
  /** Events that arrived and were not handed on: after onEvent said false, after a callback threw, or out of time at the end. */
  readonly discarded: number;
  /** All counters, also those at zero. */
  readonly counters: readonly CounterReading[];
  readonly missedRuns: readonly MissedRuns[];
  /** One for each kprobe. */
  readonly missedHits: readonly MissedHits[];
  /** From attached to detached. */
  readonly durationMs: number;
}
