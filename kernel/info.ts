import { release } from "node:os";
import type { Btf } from "./btf.js";
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
}

/** The running kernel. Opens nothing yet. */
export function openKernel(): KernelInfo {
  return new RunningKernel();
}

class RunningKernel implements KernelInfo {
  readonly release = release();
  readonly #tracepoints = new Map<string, TracepointFormat | undefined>();
  #tracefs: Tracefs | undefined;
  #btf: Btf | undefined;
  #names: readonly string[] | undefined;

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
}
