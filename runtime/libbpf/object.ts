import type { Program } from "../../compiler/program.js";
import { DiagnosticError } from "../../diagnostics/diagnostic.js";
import { ENOSPC, errnoName } from "../ffi/errno.js";
import { addressOf } from "../ffi/memory.js";
import { preemptCountSlots } from "../preempt-count.js";
import { CUT_MARK } from "../verifier-log.js";
import { wallClockSlots } from "../wall-clock.js";
import type { LibbpfApi } from "./api.js";
import { diagnoseLoadFailure, type LoadFailure, unreadableObject } from "./failure.js";
import type { Libbpf } from "./library.js";
import { ProgramLogs } from "./logs.js";
import { writeOptions } from "./rodata.js";
import { type Captured, captureStderr } from "./stderr.js";

/** Ring buffer map of every program (compiler/program.ts). */
export const EVENTS_MAP = "tsp_events";
/** Map of the counters of every program. */
export const COUNTERS_MAP = "tsp_counters";

/** Map of the stacks of programs that have some (compiler/emit/stacks.ts). */
export const STACKS_MAP = "tsp_stacks";

/** First part of the names that bpftool shows for data sections: "tsprobe.rodata". */
const OBJECT_NAME = "tsprobe";
/** struct bpf_object_open_opts of libbpf 1.0: later versions only added to its end. */
const OPEN_OPTIONS_BYTES = 80;
/** BPF_LOG_STATS of include/linux/bpf_verifier.h: the verdict without the steps to it. */
const LOG_SUMMARY = 4;

export interface LoadInput {
  readonly libbpf: Libbpf;
  /** The ELF file clang wrote. */
  readonly object: Uint8Array;
  readonly program: Program;
  /** Size of the event ring in bytes instead of the one compiled in: a power of two and a multiple of the page size. */
  readonly ringBytes?: number | undefined;
  /** Takes what libbpf says, a line at a time. */
  log(line: string): void;
}

/** Programs and maps that are in the kernel until `close`. */
export class BpfObject {
  readonly #api: LibbpfApi;
  #handle: bigint;

  private constructor(api: LibbpfApi, handle: bigint) {
    this.#api = api;
    this.#handle = handle;
  }

  /**
   * Reads the object, sets options and ring size, and gives everything to the kernel.
   * @throws DiagnosticError saying what was refused and why; nothing stays loaded then
   */
  static load(input: LoadInput): BpfObject {
    const { program } = input;
    const logs = new ProgramLogs(program.probes.length);
    try {
      const first = attempt(input, logs);
      if (first instanceof BpfObject) return first;
      const full = first.errno === ENOSPC && first.probe !== undefined;
      if (!full) throw new DiagnosticError(diagnoseLoadFailure(first, program));
      // Before 6.4 a log that does not fit lacks its end, and so the reason: ask again for the reason alone.
      const again = attempt(input, logs, LOG_SUMMARY);
      if (again instanceof BpfObject) return again;
      const failure = { ...again, verifierLog: `${first.verifierLog}\n${CUT_MARK}\n${again.verifierLog}` };
      throw new DiagnosticError(diagnoseLoadFailure(failure, program));
    } finally {
      logs.free();
    }
  }

  /** Reads the object and sets options and ring size; what is to be loaded goes through `load`. */
  static open(input: LoadInput): BpfObject {
    const { api } = input.libbpf;
    const object = new BpfObject(api, openMemory(api, input.object, input.log));
    try {
      const { options, wallClock = false, asksInterrupt = false } = input.program;
      const clock = wallClock ? wallClockSlots() : [];
      writeOptions(api, object.#handle, [...options, ...clock, ...(asksInterrupt ? preemptCountSlots() : [])]);
      if (input.ringBytes !== undefined) object.#resizeRing(input.ringBytes);
      return object;
    } catch (error) {
      object.close();
      throw error;
    }
  }

  /** libbpf's handle of the whole. */
  get handle(): bigint {
    return this.#handle;
  }

  /** @internal use `load`. Returns -errno or 0, and libbpf's words. */
  loadIntoKernel(): Captured<number> {
    return captureStderr(() => this.#api.load(this.#handle));
  }

  #resizeRing(bytes: number): void {
    const map = this.#api.findMap(this.#handle, EVENTS_MAP);
    if (map === 0n) return; // a program without events has no ring
    const result = this.#api.mapSetMaxEntries(map, bytes);
    if (result < 0)
      throw new DiagnosticError({
        code: "TSP6008",
        failure: "internal",
        severity: "error",
        message: `the size of the event buffer could not be set to ${bytes} bytes (${errnoName(result)})`,
      });
  }

  /** libbpf's handle of a program. @throws DiagnosticError "internal" if the object has none of that name */
  programHandle(functionName: string): bigint {
    const handle = this.#api.findProgram(this.#handle, functionName);
    if (handle === 0n)
      throw new DiagnosticError({
        code: "TSP6009",
        failure: "internal",
        severity: "error",
        message: `the compiled object has no program "${functionName}"`,
      });
    return handle;
  }

  programFd(functionName: string): number {
    return this.#api.programFd(this.programHandle(functionName));
  }

  /** File descriptor and sizes of a map, or undefined if the object has none of that name. */
  map(name: string): { readonly fd: number; readonly maxEntries: number; readonly valueBytes: number } | undefined {
    const map = this.#api.findMap(this.#handle, name);
    return map === 0n
      ? undefined
      : {
          fd: this.#api.mapFd(map),
          maxEntries: this.#api.mapMaxEntries(map),
          valueBytes: this.#api.mapValueSize(map),
        };
  }

  /** Takes programs and maps out of the kernel. Links must be destroyed before. */
  close(): void {
    if (this.#handle === 0n) return;
    this.#api.close(this.#handle);
    this.#handle = 0n;
  }
}

/** Opens and loads once. @param logLevel 0: none at first, and level 1 after a refusal, which libbpf does by itself */
function attempt(input: LoadInput, logs: ProgramLogs, logLevel = 0): BpfObject | LoadFailure {
  const { program, libbpf } = input;
  const object = BpfObject.open(input);
  try {
    program.probes.forEach(({ functionName }, index) => {
      const handle = object.programHandle(functionName);
      libbpf.api.programSetLogBuffer(handle, logs.clear(index), BigInt(logs.bytes));
      libbpf.api.programSetLogLevel(handle, logLevel);
    });
  } catch (error) {
    object.close();
    throw error;
  }
  const { value: result, text } = object.loadIntoKernel();
  logLines(text, input.log);
  if (result === 0) return object;
  object.close();
  // Refused without a log: libbpf's text names the program, if it was one.
  const probe =
    program.probes.find((_, index) => logs.read(index) !== "") ??
    program.probes.find(({ functionName }) => text.includes(`prog '${functionName}': BPF program load failed`));
  return {
    errno: -result,
    probe,
    verifierLog: probe === undefined ? "" : logs.read(program.probes.indexOf(probe)),
    libbpfText: text,
  };
}

function openMemory(api: LibbpfApi, object: Uint8Array, log: (line: string) => void): bigint {
  const name = Buffer.from(`${OBJECT_NAME}\0`);
  const options = Buffer.alloc(OPEN_OPTIONS_BYTES);
  options.writeBigUInt64LE(BigInt(OPEN_OPTIONS_BYTES), 0); // sz
  options.writeBigUInt64LE(addressOf(name), 8); // object_name: libbpf copies it
  const { value, text } = captureStderr(() => api.openMem.withErrno(object, BigInt(object.length), options));
  logLines(text, log);
  if (value.value === 0n) throw unreadableObject(value.errno, text);
  return value.value;
}

function logLines(text: string, log: (line: string) => void): void {
  for (const line of text.split("\n")) if (line !== "") log(line);
}
