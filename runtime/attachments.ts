import type { Program } from "../compiler/program.js";
import { openTracefs } from "../kernel/tracefs.js";
import { internalError } from "./internal-error.js";
import { type Attached, attachProbe } from "./libbpf/attach/index.js";
import type { AttachedIterator } from "./libbpf/attach/iter.js";
import type { Libbpf } from "./libbpf/library.js";
import type { BpfObject } from "./libbpf/object.js";
import type { MissedHits } from "./session-input.js";

/** The probes of a program that are attached. */
export class Attachments {
  #attached: Attached[] = [];

  /** Attaches all. @throws DiagnosticError if one does not attach: then all are detached */
  attach({ api }: Libbpf, object: BpfObject, { probes }: Program, tracefsRoot: string | undefined): void {
    const tracefs = () => tracefsRoot ?? openTracefs().root;
    try {
      for (const probe of probes)
        this.#attached.push(attachProbe({ api, program: object.programHandle(probe.functionName), tracefs }, probe));
    } catch (error) {
      for (const attached of this.#attached) attached.detach();
      this.#attached = [];
      throw error;
    }
  }

  /** Runs an iterator's program for each object there is. */
  async runIterator(functionName: string): Promise<void> {
    const iterator = this.#attached.find(({ probe }) => probe.functionName === functionName);
    if (iterator === undefined || !("run" in iterator)) throw internalError(`${functionName} is no attached iterator`);
    await (iterator as AttachedIterator).run();
  }

  /** To be asked while they are attached. */
  missedHits(): MissedHits[] {
    return this.#attached.flatMap(({ probe, missedHits }) => (missedHits === undefined ? [] : [{ probe, count: missedHits() }]));
  }

  /** Iterators run only when the script asks, and onExit may still do so: they stay longer than the others. */
  detachHooks(): Promise<void> {
    return this.#detach(({ probe }) => probe.attach.kind !== "iter");
  }

  detachAll(): Promise<void> {
    return this.#detach(() => true);
  }

  /** In threads, at once: the kernel takes some 40 ms for each. */
  async #detach(which: (attached: Attached) => boolean): Promise<void> {
    const leaving = this.#attached.filter(which);
    this.#attached = this.#attached.filter((attached) => !which(attached));
    await Promise.all(leaving.map((attached) => attached.detachInThreads()));
  }
}
