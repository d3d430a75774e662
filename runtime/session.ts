import { FAMILY_MAP } from "../compiler/filters.js";
import { Attachments } from "./attachments.js";
import { Delivery } from "./deliver.js";
import { errnoName } from "./ffi/errno.js";
import { libc, SYSCALLS } from "./ffi/libc.js";
import { internalError } from "./internal-error.js";
import { type Libbpf, openLibbpf } from "./libbpf/library.js";
import { readMissedRuns } from "./libbpf/misses.js";
import { BpfObject, COUNTERS_MAP, EVENTS_MAP, STACKS_MAP } from "./libbpf/object.js";
import { Losses } from "./losses.js";
import { HostState } from "./maps/host-state.js";
import { Receiver } from "./receiver.js";
import { RingBuffer } from "./ring.js";
import type { MissedHits, SessionInput, SessionSummary } from "./session-input.js";
import { StackMap } from "./symbols/stack-map.js";
import { usesKernelSymbols } from "./symbols/used.js";
import { SymbolValues } from "./symbols/values.js";
import { Waiter } from "./wait.js";

export type { MissedHits, MissedRuns, SessionInput, SessionSummary } from "./session-input.js";

/** How long `stop` goes on calling back for what is left in the ring, if somebody waits; the rest is counted as discarded. */
const FINAL_DRAIN_MILLIS = 700;
/** The same where the run has come to the end it was given, and may be interrupted. */
const PATIENT_DRAIN_MILLIS = 10_000;
const FINAL_TURN_MILLIS = 20;
/** MEMBARRIER_CMD_GLOBAL: returns after every CPU has left the BPF program it may have been in (a full RCU grace period). */
const MEMBARRIER_GLOBAL = 1n;

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
  if (libbpf.instead !== undefined) input.log(libbpf.instead);
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
  readonly #ring: { readonly buffer: RingBuffer; readonly fd: number } | undefined;
  readonly #symbols: SymbolValues;
  readonly #receiver: Receiver;
  readonly #losses: Losses;
  readonly #attachments = new Attachments();
  readonly #timings = { loadMs: 0, attachMs: 0 };
  #missedHits: MissedHits[] = [];
  #attachedAt = 0;
  #waiter: Waiter | undefined;
  #delivery: Delivery | undefined;
  #stopping: Promise<SessionSummary> | undefined;
  #state: HostState | undefined;

  /** @internal use `openSession` */
  constructor(input: SessionInput, libbpf: Libbpf, object: BpfObject, began: number) {
    this.#input = input;
    this.#libbpf = libbpf;
    this.#object = object;
    const ring = object.map(EVENTS_MAP);
    if (ring === undefined && input.program.events.length > 0)
      throw internalError(`the compiled program has no map ${EVENTS_MAP}`);
    this.#losses = new Losses(input, libbpf.api, object.map(COUNTERS_MAP));
    this.#ring = ring === undefined ? undefined : { buffer: RingBuffer.open(ring.fd, ring.maxEntries), fd: ring.fd };
    this.#symbols = new SymbolValues((warning) => input.warn?.(warning));
    const stacks = object.map(STACKS_MAP);
    if (stacks !== undefined) this.#symbols.connect(new StackMap(libbpf.api, stacks));
    this.#receiver = new Receiver(input, this.#ring?.buffer, this.#symbols);
    this.#timings.loadMs = performance.now() - began;
  }

  /** Milliseconds taken; `attachMs` is 0 until attached. */
  get timings(): Readonly<{ loadMs: number; attachMs: number }> {
    return this.#timings;
  }

  /** Events handed to streams so far. */
  get delivered(): number {
    return this.#receiver.delivered.reduce((sum, count) => sum + count, 0);
  }

  /** Runs an iterator's program for each object there is, and delivers what it sent. */
  async runIterator(functionName: string): Promise<void> {
    await this.#attachments.runIterator(functionName);
    this.#ring?.buffer.drain(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, this.#receiver.onRecord);
  }

  /** Lets the handlers see a process from its next execve on, and those it starts, in a program whose filters have a family. */
  follow(pid: number): void {
    const map = this.#object.map(FAMILY_MAP);
    if (map === undefined) throw internalError(`the compiled program has no map ${FAMILY_MAP}`);
    const key = Buffer.alloc(4);
    key.writeUInt32LE(pid);
    const result = this.#libbpf.api.mapUpdate(map.fd, key, Buffer.from([0]), 0n);
    if (result < 0) throw internalError(`the process could not be put into ${FAMILY_MAP} (${errnoName(result)})`);
  }

  /** Attaches all probes. @throws DiagnosticError if one does not attach: then all are detached and the program is unloaded */
  attach(): void {
    const began = performance.now();
    const { program, state, tracefs } = this.#input;
    try {
      if (state !== undefined) {
        this.#state = new HostState(this.#libbpf.api, program, (name) => this.#object.map(name), state, this.#symbols);
        this.#losses.connect(this.#state);
      }
      this.#attachments.attach(this.#libbpf, this.#object, program, tracefs);
    } catch (error) {
      void this.#state?.disconnect();
      this.#close();
      throw error;
    }
    this.#attachedAt = performance.now();
    this.#timings.attachMs = this.#attachedAt - began;
  }

  /** Begins to deliver. The process stays alive until `stop`. */
  start(): void {
    if (usesKernelSymbols(this.#input.program)) void this.#symbols.preloadKernel();
    if (this.#delivery !== undefined || this.#stopping !== undefined) return;
    this.#losses.watch((error) => this.#surface(error));
    if (this.#ring === undefined) return;
    this.#waiter = new Waiter([this.#ring.fd], this.#input.outputPipe);
    this.#delivery = new Delivery(this.#ring.buffer, this.#waiter, {
      onRecord: this.#receiver.onRecord,
      mayDrain: () => this.#input.congested?.() !== true,
      onTurn: (state) => {
        if (state === "falling asleep" || this.#losses.isDue) this.#losses.report(this.#losses.read());
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

  /** What a callback of the script threw: nothing is delivered after it. */
  #surface(error: unknown): void {
    this.#receiver.discard();
    if (this.#input.onCallbackError !== undefined) this.#input.onCallbackError(error);
    else
      queueMicrotask(() => {
        throw error;
      });
  }

  async #stop(hurry: AbortSignal | undefined): Promise<SessionSummary> {
    this.#losses.unwatch();
    this.#missedHits = this.#attachments.missedHits();
    await this.#attachments.detachHooks();
    this.#state?.end();
    const durationMs = this.#attachedAt === 0 ? 0 : performance.now() - this.#attachedAt;
    try {
      await libc.membarrier.inThread(SYSCALLS.membarrier, MEMBARRIER_GLOBAL, 0n, 0n);
      this.#delivery?.halt();
      await this.#drainRest(hurry);
      const counters = this.#losses.read();
      try {
        this.#losses.report(counters);
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
        delivered: this.#receiver.delivered,
        discarded: this.#receiver.discarded,
        counters: all,
        missedRuns,
        missedHits: this.#missedHits,
        durationMs,
      };
    } finally {
      this.#delivery?.halt();
      await this.#waiter?.close();
      await this.#attachments.detachAll();
      await this.#state?.disconnect();
      this.#close();
    }
  }

  /** In turns, so that a second Ctrl-C is heard; a slow callback is cut off after a while. */
  async #drainRest(hurry: AbortSignal | undefined): Promise<void> {
    const patient = hurry?.aborted === false;
    const deadline = performance.now() + (patient ? PATIENT_DRAIN_MILLIS : FINAL_DRAIN_MILLIS);
    for (;;) {
      if ((patient && hurry.aborted) || performance.now() >= deadline) this.#receiver.discard();
      try {
        if (this.#ring?.buffer.drain(Number.POSITIVE_INFINITY, FINAL_TURN_MILLIS, this.#receiver.onRecord).empty ?? true) return;
      } catch (error) {
        this.#surface(error);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #close(): void {
    this.#ring?.buffer.close();
    this.#object.close();
  }
}
