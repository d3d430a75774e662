import { release } from "node:os";
import { DiagnosticError } from "../diagnostics/diagnostic.js";
import { type Abilities, ASSUMED_ABILITIES } from "./abilities.js";
import type { Btf } from "./btf.js";
import { FunctionFinder } from "./function-finder.js";
import type { KernelFunction, RawTracepoint } from "./functions.js";
import { openKernelBtf } from "./kernel-btf.js";
import { openTracefs, type Tracefs } from "./tracefs.js";
import type { TracepointFormat } from "./tracepoint-format.js";
import { listTracepoints, readTracepoint } from "./tracepoints.js";

/** What the compiler and the runtime ask of the kernel. Each answer is found out when first asked for, then kept. */
export interface KernelInfo {
  /** As `uname -r` says it: "6.12.9-amd64". */
  readonly release: string;
  /** @throws DiagnosticError when it is not there or not readable */
  tracefs(): Tracefs;
  /** @throws DiagnosticError when the kernel has none */
  btf(): Btf;
  /** By "category:event"; undefined when there is none. @throws DiagnosticError as `tracefs` */
  tracepoint(name: string): TracepointFormat | undefined;
  /** All that programs can attach to. @throws DiagnosticError as `tracefs` */
  tracepointNames(): readonly string[];
  /** A function of the kernel or of a loaded module; undefined when there is none. @throws DiagnosticError as `btf` */
  function(name: string): KernelFunction | undefined;
  /** The functions that its BTF describes, those left out that the tracepoint macros make. @throws DiagnosticError as `btf` */
  functionNames(): readonly string[];
  /** The functions that a pattern ("tcp_v4_*") matches and probes can be attached to. @throws DiagnosticError as `btf` */
  functionsMatching(pattern: string): readonly string[];
  /** By its own name ("sched_switch"); undefined when there is none. @throws DiagnosticError as `btf` */
  rawTracepoint(name: string): RawTracepoint | undefined;
  /** Raw tracepoints of the kernel itself. @throws DiagnosticError as `btf` */
  rawTracepointNames(): readonly string[];
  /** What programs it lets this process load and attach. */
  abilities(): Abilities;
}

/** Finds out what a kernel is able to do, by trying; kernel/ itself calls nothing (runtime/probing/abilities.ts does). */
export type TryAbilities = (btf: () => Btf) => Abilities;

/**
 * The running kernel. Opens nothing yet.
 * @param tryAbilities without it the kernel is taken to be able to do everything
 */
export function openKernel(tryAbilities: TryAbilities = () => ASSUMED_ABILITIES): KernelInfo {
  return new RunningKernel(tryAbilities);
}

/** The directory of a tracefs that can be read. */
export function tracefsRootOf(kernel: Pick<KernelInfo, "tracefs">): string | undefined {
  try {
    return kernel.tracefs().root;
  } catch (error) {
    if (error instanceof DiagnosticError) return undefined;
    throw error;
  }
}

class RunningKernel implements KernelInfo {
  readonly release = release();
  readonly #tracepoints = new Map<string, TracepointFormat | undefined>();
  #tracefs: Tracefs | undefined;
  #btf: Btf | undefined;
  #names: readonly string[] | undefined;
  readonly #finder = new FunctionFinder(
    () => this.btf(),
    () => tracefsRootOf(this),
  );
  readonly #tryAbilities: TryAbilities;
  #abilities: Abilities | undefined;

  constructor(tryAbilities: TryAbilities) {
    this.#tryAbilities = tryAbilities;
  }

  tracefs(): Tracefs {
    this.#tracefs ??= openTracefs();
    return this.#tracefs;
  }

  btf(): Btf {
    this.#btf ??= openKernelBtf();
    return this.#btf;
  }

  tracepoint(name: string): TracepointFormat | undefined {
    if (!this.#tracepoints.has(name)) this.#tracepoints.set(name, readTracepoint(this.tracefs(), name));
    return this.#tracepoints.get(name);
  }

  tracepointNames(): readonly string[] {
    this.#names ??= listTracepoints(this.tracefs());
    return this.#names;
  }

  function(name: string): KernelFunction | undefined {
    return this.#finder.function(name);
  }

  functionNames(): readonly string[] {
    return this.#finder.functionNames();
  }

  functionsMatching(pattern: string): readonly string[] {
    return this.#finder.matching(pattern);
  }

  rawTracepoint(name: string): RawTracepoint | undefined {
    return this.#finder.rawTracepoint(name);
  }

  rawTracepointNames(): readonly string[] {
    return this.#finder.rawTracepointNames();
  }

  abilities(): Abilities {
    this.#abilities ??= this.#tryAbilities(() => this.btf());
    return this.#abilities;
  }
}
