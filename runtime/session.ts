import { FAMILY_MAP } from "../compiler/filters.js";
import { type CounterSite, type Program, type ProgramProbe, STACK_RECORD } from "../compiler/program.js";
import { type Diagnostic, DiagnosticError } from "../diagnostics/diagnostic.js";
import type { EventStream } from "../dsl/stream.js";
import { openTracefs } from "../kernel/tracefs.js";
import { CounterReader, type CounterReading } from "./counters.js";
import type { EventDecoder, RingMemory } from "./decode.js";
import { Delivery } from "./deliver.js";
import { errnoName } from "./ffi/errno.js";
import { libc, SYSCALLS } from "./ffi/libc.js";
import { type Attached, attachProbe } from "./libbpf/attach/index.js";
import type { AttachedIterator } from "./libbpf/attach/iter.js";
import { type Libbpf, openLibbpf } from "./libbpf/library.js";
import { readMissedRuns } from "./libbpf/misses.js";
import { BpfObject, COUNTERS_MAP, EVENTS_MAP, STACKS_MAP } from "./libbpf/object.js";
import { HostState, type StateDeclarations } from "./maps/host-state.js";
import { RingBuffer } from "./ring.js";
import { StackMap } from "./symbols/stack-map.js";
import { usesKernelSymbols } from "./symbols/used.js";
import { SymbolValues } from "./symbols/values.js";
import { Waiter, type WatchedPipe } from "./wait.js";

/** How often counters are looked at while events flow, in milliseconds. */
const COUNTER_INTERVAL = 500;
/** How long `stop` goes on calling back for what is left in the ring, if somebody waits; the rest is counted as discarded. */
const FINAL_DRAIN_MILLIS = 700;
/** The same where the run has come to the end it was given, and may be interrupted. */
const PATIENT_DRAIN_MILLIS = 10_000;
const FINAL_TURN_MILLIS = 20;
/** MEMBARRIER_CMD_GLOBAL: returns after every CPU has left the BPF program it may have been in (a full RCU grace period). */
const MEMBARRIER_GLOBAL = 1n;
/** Each record begins with the u64 index of its layout. */
const ID_BYTES = 8;

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

/** Smallest power of two that holds `bytes` and is at least a page. */
export function ringSizeFor(bytes: number): number {
  let size = libc.getpagesize();
  while (size < bytes && size < 0x4000_0000) size *= 2;
  return size;
}

/**
 * Loads a program into the kernel.
 * @throws DiagnosticError (libbpf, permission, verifier, load); nothing stays loaded then
 */
export function openSession(input: SessionInput): Session {
  const began = performance.now();
  const libbpf = input.libbpf ?? openLibbpf();
  input.log(`libbpf ${libbpf.version} (${libbpf.origin}): ${libbpf.path}`);
  const ringBytes = input.ringBytes === undefined ? undefined : ringSizeFor(input.ringBytes);
  const object = BpfObject.load({ libbpf, object: input.object, program: input.program, ringBytes, log: input.log });
  try {
    return new Session(input, libbpf, object, began);
  } catch (error) {
    object.close();
    throw error;
  }
}

/** A loaded program: attach, start, stop, in this order. */
export class Session {
  readonly #input: SessionInput;
  readonly #libbpf: Libbpf;
  readonly #object: BpfObject;
  readonly #ring: RingBuffer | undefined;
  /** What decoders read. */
  readonly #memory: RingMemory;
  readonly #symbols: SymbolValues;
  readonly #ringFd: number;
  readonly #counters: CounterReader | undefined;
  /** Stream of each layout, and streams of each name: for every record, so looked up once. */
  readonly #streamOf: readonly number[];
  readonly #streamsNamed = new Map<string, EventStream<never>>();
  readonly #delivered: number[];
  readonly #timings = { loadMs: 0, attachMs: 0 };
  #attached: Attached[] = [];
  #missedHits: MissedHits[] = [];
  #attachedAt = 0;
  #waiter: Waiter | undefined;
  #delivery: Delivery | undefined;
  #countersReadAt = 0;
  #discarding = false;
  #discarded = 0;
  #stopping: Promise<SessionSummary> | undefined;
  #state: HostState | undefined;
  #fullTimer: NodeJS.Timeout | undefined;

  /** @internal use `openSession` */
  constructor(input: SessionInput, libbpf: Libbpf, object: BpfObject, began: number) {
    this.#input = input;
    this.#libbpf = libbpf;
    this.#object = object;
    const { events, counters } = input.program;
    const ring = object.map(EVENTS_MAP);
    if (ring === undefined && events.length > 0) throw internalError(`the compiled program has no map ${EVENTS_MAP}`);
    this.#ringFd = ring?.fd ?? -1;
    const counterMap = object.map(COUNTERS_MAP);
    if (counters.length > (counterMap?.maxEntries ?? 0))
      throw internalError(`the compiled program has too few counters in ${COUNTERS_MAP}`);
    if (counterMap !== undefined) this.#counters = new CounterReader(libbpf.api, counterMap.fd, counters);
    this.#streamOf = events.map(({ stream }) => stream);
    for (const { name, stream } of events) this.#streamsNamed.set(name, input.streams[stream] as EventStream<never>);
    this.#delivered = input.streams.map(() => 0);
    this.#ring = ring === undefined ? undefined : RingBuffer.open(ring.fd, ring.maxEntries);
    this.#symbols = new SymbolValues((warning) => input.warn?.(warning));
    const stacks = object.map(STACKS_MAP);
    if (stacks !== undefined) this.#symbols.connect(new StackMap(libbpf.api, stacks));
    const { bytes = new Uint8Array(), view = new DataView(new ArrayBuffer(0)) } = this.#ring ?? {};
    this.#memory = { bytes, view, symbols: this.#symbols };
    this.#timings.loadMs = performance.now() - began;
  }

  /** Milliseconds taken; `attachMs` is 0 until attached. */
  get timings(): Readonly<{ loadMs: number; attachMs: number }> {
    return this.#timings;
  }

  /** Events handed to streams so far. */
  get delivered(): number {
    return this.#delivered.reduce((sum, count) => sum + count, 0);
  }

  /** Runs an iterator's program for each object there is, and delivers what it sent. */
  async runIterator(functionName: string): Promise<void> {
    const iterator = this.#attached.find(({ probe }) => probe.functionName === functionName);
    if (iterator === undefined || !("run" in iterator)) throw internalError(`${functionName} is no attached iterator`);
    await (iterator as AttachedIterator).run();
    this.#ring?.drain(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, this.#onRecord);
  }

  /** Lets the handlers see a process and those it starts, in a program whose filters have a family. */
  follow(pid: number): void {
    const map = this.#object.map(FAMILY_MAP);
    if (map === undefined) throw internalError(`the compiled program has no map ${FAMILY_MAP}`);
    const key = Buffer.alloc(4);
    key.writeUInt32LE(pid);
    const result = this.#libbpf.api.mapUpdate(map.fd, key, Buffer.from([1]), 0n);
    if (result < 0) throw internalError(`the process could not be put into ${FAMILY_MAP} (${errnoName(result)})`);
  }

  /** Attaches all probes. @throws DiagnosticError if one does not attach: then all are detached and the program is unloaded */
  attach(): void {
    const began = performance.now();
    try {
      this.#connectState();
      const tracefs = () => this.#input.tracefs ?? openTracefs().root;
      for (const probe of this.#input.program.probes) {
        const program = this.#object.programHandle(probe.functionName);
        this.#attached.push(attachProbe({ api: this.#libbpf.api, program, tracefs }, probe));
      }
    } catch (error) {
      this.#detach();
      void this.#state?.disconnect();
      this.#close();
      throw error;
    }
    this.#attachedAt = performance.now();
    this.#timings.attachMs = this.#attachedAt - began;
  }

  #connectState(): void {
    const { state, program } = this.#input;
    if (state !== undefined)
      this.#state = new HostState(this.#libbpf.api, program, (name) => this.#object.map(name), state, this.#symbols);
  }

  /** Begins to deliver. The process stays alive until `stop`. */
  start(): void {
    if (usesKernelSymbols(this.#input.program)) void this.#symbols.preloadKernel();
    if (this.#ring === undefined || this.#delivery !== undefined || this.#stopping !== undefined) return;
    if (this.#state?.isWatched) this.#fullTimer = setInterval(this.#lookForFull, COUNTER_INTERVAL);
    this.#waiter = new Waiter([this.#ringFd], this.#input.outputPipe);
    this.#delivery = new Delivery(this.#ring, this.#waiter, {
      onRecord: this.#onRecord,
      mayDrain: () => this.#input.congested?.() !== true,
      onTurn: (state) => {
        if (state === "falling asleep" || performance.now() - this.#countersReadAt >= COUNTER_INTERVAL)
          this.#reportLosses(this.#readCounters());
      },
      onError: (error) => this.#surface(error),
    });
    this.#delivery.start();
  }

  /**
   * Detaches, delivers what is left, reads the counters and unloads everything. Calling it again gives the same summary.
   * @param hurry unless it is aborted already, who stops is patient: delivering may take longer, until it is
   */
  stop(hurry?: AbortSignal): Promise<SessionSummary> {
    this.#stopping ??= this.#stop(hurry);
    return this.#stopping;
  }

  readonly #onRecord = (offset: number): void => {
    const { view } = this.#memory;
    const id = view.getUint32(offset, true);
    if (id === STACK_RECORD) {
      this.#symbols.receive(view, offset + ID_BYTES);
      return;
    }
    if (this.#discarding) {
      this.#discarded++;
      return;
    }
    const decode = this.#input.decoders[id];
    const stream = this.#streamOf[id];
    if (decode === undefined || stream === undefined) throw internalError(`the kernel sent an event of unknown kind ${id}`);
    const event = decode(this.#memory, offset + ID_BYTES);
    if (this.#input.onEvent?.(stream, event) === false) {
      this.#discarding = true;
      this.#discarded++;
      return;
    }
    (this.#delivered[stream] as number)++;
    (this.#input.streams[stream] as EventStream<never>).deliver(event as never);
  };

  /** Maps may be full while no event flows. */
  readonly #lookForFull = (): void => {
    try {
      this.#reportLosses(this.#readCounters());
    } catch (error) {
      clearInterval(this.#fullTimer);
      this.#surface(error);
    }
  };

  #surface(error: unknown): void {
    this.#discarding = true;
    if (this.#input.onCallbackError !== undefined) this.#input.onCallbackError(error);
    else
      queueMicrotask(() => {
        throw error;
      });
  }

  #readCounters(): readonly CounterReading[] {
    this.#countersReadAt = performance.now();
    return this.#counters?.read() ?? [];
  }

  #reportLosses(readings: readonly CounterReading[]): void {
    for (const { site, delta } of readings) {
      if (site.reason === "map-full" && delta > 0n) this.#state?.reportFull(site.subject, Number(delta));
      if (site.reason !== "lost" || delta === 0n) continue;
      this.#input.onLost?.(site, delta);
      this.#streamsNamed.get(site.subject)?.reportLost(Number(delta));
    }
  }

  async #stop(hurry: AbortSignal | undefined): Promise<SessionSummary> {
    clearInterval(this.#fullTimer);
    this.#missedHits = this.#attached.flatMap(({ probe, missedHits }) =>
      missedHits === undefined ? [] : [{ probe, count: missedHits() }],
    );
    await this.#detachInThreads(({ probe }) => probe.attach.kind !== "iter");
    this.#state?.end();
    const durationMs = this.#attachedAt === 0 ? 0 : performance.now() - this.#attachedAt;
    try {
      await libc.membarrier.inThread(SYSCALLS.membarrier, MEMBARRIER_GLOBAL, 0n, 0n);
      this.#delivery?.halt();
      await this.#drainRest(hurry);
      const counters = this.#readCounters();
      try {
        this.#reportLosses(counters);
        await this.#input.onDrained?.();
      } catch (error) {
        this.#surface(error); // onLost is a callback of the script too
      }
      const missedRuns = this.#input.program.probes.map((probe) => ({
        probe,
        count: readMissedRuns(this.#libbpf.api, this.#object.programFd(probe.functionName)),
      }));
      for (const stream of this.#input.streams) stream.finish();
      try {
        await this.#input.beforeUnload?.();
      } catch (error) {
        this.#surface(error);
      }
      const all = [...counters, ...(this.#state?.evictions() ?? [])];
      return {
        delivered: this.#delivered,
        discarded: this.#discarded,
        counters: all,
        missedRuns,
        missedHits: this.#missedHits,
        durationMs,
      };
    } finally {
      this.#delivery?.halt();
      await this.#waiter?.close();
      await this.#detachInThreads(() => true);
      await this.#state?.disconnect();
      this.#close();
    }
  }

  /** In turns, so that a second Ctrl-C is heard; a slow callback is cut off after a while. */
  async #drainRest(hurry: AbortSignal | undefined): Promise<void> {
    const patient = hurry?.aborted === false;
    const deadline = performance.now() + (patient ? PATIENT_DRAIN_MILLIS : FINAL_DRAIN_MILLIS);
    for (;;) {
      if ((patient && hurry.aborted) || performance.now() >= deadline) this.#discarding = true;
      try {
        if (this.#ring?.drain(Number.POSITIVE_INFINITY, FINAL_TURN_MILLIS, this.#onRecord).empty ?? true) return;
      } catch (error) {
        this.#surface(error);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #detach(): void {
    for (const attached of this.#attached) attached.detach();
    this.#attached = [];
  }

  /** Iterators run only when the script asks, and onExit may still do so: they stay longer than the others. */
  async #detachInThreads(which: (attached: Attached) => boolean): Promise<void> {
    const leaving = this.#attached.filter(which);
    this.#attached = this.#attached.filter((attached) => !which(attached));
    await Promise.all(leaving.map((attached) => attached.detachInThreads()));
  }

  #close(): void {
    this.#ring?.close();
    this.#object.close();
  }
}

function internalError(message: string): DiagnosticError {
  return new DiagnosticError({ code: "TSP6009", failure: "internal", severity: "error", message });
}
