import type { Span } from "../diagnostics/span.js";
import type { Attachment } from "../hooks/attachment.js";

/**
 * What the compiler hands to the runtime: C text plus everything needed to load it and to
 * understand what it sends. Pure data: it says nothing about file descriptors or the machine.
 *
 * Conventions shared with compiler/emit (the C side):
 * - ring buffer map `tsp_events`; each record is `u64 id` (index into `events`) followed by the event's struct;
 * - per-CPU array map `tsp_counters` of u64, one slot per entry of `counters`;
 * - options live in `.rodata` at `OptionSlot.offset`s given by the object's BTF (variables named `OptionSlot.variable`).
 */
export interface Program {
  /** The whole C source, with #line directives. */
  readonly c: string;
  readonly probes: readonly ProgramProbe[];
  readonly events: readonly EventLayout[];
  readonly counters: readonly CounterSite[];
  readonly maps: readonly ProgramMap[];
  readonly aggregations: readonly ProgramAggregation[];
  readonly options: readonly OptionSlot[];
  /** Whether the code reads the time of day: the variables `tsp_tai_offset` and `tsp_boot_offset` are to be set when it is loaded. */
  readonly wallClock?: boolean;
  /** Whether the code asks for interrupts: the variable `tsp_preempt_distance` is to be set when it is loaded (emit/interrupt.ts). */
  readonly asksInterrupt?: boolean;
  /** Where each script line of kernel code is: finds the place for clang's and the verifier's "file:line". */
  readonly statements: readonly Span[];
}

/** The id of records that are no events: a stack that is new (compiler/emit/stacks.ts), with its own id, then struct tsp_frames. */
export const STACK_RECORD = 0xffff_ffff;

/** One BPF program and how it attaches. */
export interface ProgramProbe {
  /** Name of the C function and so of the BPF program. */
  readonly functionName: string;
  readonly attach: Attachment;
  /** What it hooks, for people: "sock:inet_sock_set_state". */
  readonly title: string;
  /** The script's name for it: the variable it is assigned to, or "tracepoint#2". */
  readonly name: string;
  /** The hook call in the script. */
  readonly span: Span;
  /** A program of tsprobe's own, which no hook of the script asked for. */
  readonly internal?: boolean;
}

export interface ProgramMap {
  /** Name of the C variable, at most 15 characters. */
  readonly cName: string;
  readonly name: string;
  /** Its first use in kernel code. */
  readonly span: Span;
  /** Index into the script's maps. */
  readonly index: number;
  readonly key: StoredLayout;
  readonly value: StoredLayout;
  /** Whether kernel code only writes it: then it is for the host to read. */
  readonly writeOnly: boolean;
  /** Of a stash, name of the per-CPU array of two u64: records that were new, and records that were taken. */
  readonly tally: string | undefined;
}

/** A key or value as it lies in a map. */
export interface StoredLayout {
  readonly size: number;
  readonly layout: ValueLayout;
}

/**
 * An aggregation in the kernel: two maps, of which handlers use the one that the selector says. The selectors are an array of
 * u32 in the data section SELECTORS_SECTION: 0 or 1.
 */
export interface ProgramAggregation {
  readonly name: string;
  /** Its first use in kernel code. */
  readonly span: Span;
  /** Index into the script's aggregations. */
  readonly index: number;
  /** Index of its selector. */
  readonly selector: number;
  /** Names of the maps. Without a key: arrays per CPU of one entry. */
  readonly banks: readonly [string, string];
  /** Whether the maps have a value for each CPU. */
  readonly perCpu: boolean;
  readonly key: StoredLayout | undefined;
  readonly slot: AggregationSlot;
}

/** Name of the data section with the selectors of aggregations. */
export const SELECTORS_SECTION = ".data.banks";

/**
 * What is gathered for one key (on one CPU), as u64 words; here their indexes. Sums are kept in two words, exact: of each value the low
 * 32 bits, and the high 32 bits with the sign. Extremes are kept as numbers that only grow from 0: `max` as value + 2^63, `min` as 2^63 - 1 - value.
 */
export interface AggregationSlot {
  readonly words: number;
  /** 1 when there was any value. */
  readonly any: number | undefined;
  readonly count: number | undefined;
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** First bucket. */
  readonly buckets: number | undefined;
}

/** A load-time constant: bytes written over the named variable in .rodata before loading. */
export interface OptionSlot {
  readonly variable: string;
  /** Little-endian image of the whole variable. */
  readonly bytes: Uint8Array;
}

/** Why a counter counts. Every counter that is not zero at the end is shown. */
export type CounterReason =
  | "lost" // no room in the ring buffer: the event was not sent
  | "map-full" // a map update failed
  | "replaced" // a record of a stash was put over one that was never taken
  | "evicted" // records of a stash were dropped to make room: counted by the host
  | "stack" // a stack could not be kept: the value says so, the run went on
  | "overflow" // an integer result did not fit its type: the run of the handler ended there
  | "division" // division by zero: the run of the handler ended there
  | "loop" // a loop went on beyond its limit: the run of the handler ended there
  | "range" // an index or shift count out of range: the run of the handler ended there
  | "nested" // too many runs of the handler were under way on that CPU: the run ended before it began
  | "read"; // kernel memory could not be read: the run of the handler ended there

export interface CounterSite {
  readonly reason: CounterReason;
  /** Where in the script. */
  readonly span: Span;
  /** Event stream or map that is concerned, as the script calls it. */
  readonly subject: string;
}

/** How the bytes of one event become a JavaScript object. */
export interface EventLayout {
  /** The script's name for the stream. */
  readonly name: string;
  /** Bytes of the struct, without the 8-byte record id before it. */
  readonly size: number;
  readonly fields: readonly FieldLayout[];
  /** Index of the stream in the script's declarations that receives it. */
  readonly stream: number;
}

export interface FieldLayout {
  readonly name: string;
  /** Bytes from the start of the enclosing struct. */
  readonly offset: number;
  readonly type: ValueLayout;
}

/** Layout of one value, and the JavaScript type it decodes to. All integers are little-endian as the kernel's. */
export type ValueLayout =
  /** `as: "number"` for 8 to 32 bits and for 64-bit values known to be safe integers. */
  | { readonly kind: "int"; readonly size: 1 | 2 | 4 | 8; readonly signed: boolean; readonly as: "number" | "bigint" }
  /** An address: 8 bytes, a bigint, shown in hexadecimal in tables. */
  | { readonly kind: "pointer" }
  /** 1 byte. */
  | { readonly kind: "bool" }
  /** NUL-terminated text in `size` bytes, UTF-8. */
  | { readonly kind: "string"; readonly size: number }
  /** `struct { u32 family (2 or 10); u8 bytes[16]; }`: 20 bytes, IPv4 in the first four; decodes to text. Family 0 decodes to "". */
  | { readonly kind: "ip" }
  /** A hardware address of 6 bytes; decodes to text. */
  | { readonly kind: "mac" }
  /** An integer shown by name; a value without a name decodes to its decimal text. */
  | { readonly kind: "enum"; readonly size: 1 | 2 | 4 | 8; readonly signed: boolean; readonly names: ReadonlyMap<number, string> }
  /** The id of a stack, 8 bytes, in the map tsp_stacks (compiler/emit/stacks.ts); 0 is an empty one, all ones one that was not kept. */
  | { readonly kind: "stack"; readonly user: boolean }
  /** An address that is shown as a symbol: 8 bytes; `user`: `struct { u64 address; u32 pid; u32 zero; }`, 16 bytes. */
  | { readonly kind: "symbol"; readonly user: boolean }
  /** An integer whose set bits are shown by name: "SYN|ACK". */
  | {
      readonly kind: "flags";
      readonly size: 1 | 2 | 4 | 8;
      readonly signed: boolean;
      readonly names: Readonly<Record<string, number | bigint>>;
    }
  /** Values between texts, of which there is one more: decodes to one text. */
  | {
      readonly kind: "template";
      readonly size: number;
      readonly texts: readonly string[];
      readonly values: readonly FieldLayout[];
    }
  /** Not transmitted. */
  | { readonly kind: "constant"; readonly value: string | number | bigint | boolean | null | undefined }
  /** `tuple`: decodes to an array of its fields. */
  | { readonly kind: "struct"; readonly size: number; readonly fields: readonly FieldLayout[]; readonly tuple?: true }
  | { readonly kind: "array"; readonly count: number; readonly stride: number; readonly element: ValueLayout }
  /** Raw bytes, decodes to a Uint8Array. */
  | { readonly kind: "bytes"; readonly size: number }
  /** A presence byte (0 or 1) at this value's start, the value itself `valueOffset` bytes further on; absent decodes to undefined. */
  | { readonly kind: "optional"; readonly valueOffset: number; readonly value: ValueLayout };
