import type { ProgramProbe } from "../../../compiler/program.js";
import { type Diagnostic, DiagnosticError } from "../../../diagnostics/diagnostic.js";
import type { Attachment } from "../../../hooks/attachment.js";
import type { LibbpfApi } from "../api.js";
import { captureStderr } from "../stderr.js";

/** An attached program; ends with `detach` or with the process. */
export interface Attached {
  readonly probe: ProgramProbe;
  /** Of kprobes, while attached: hits that the kernel did not call the program for. undefined: it does not count them. */
  missedHits?(): bigint | undefined;
  detach(): void;
  /**
   * The same in other threads. For each link the kernel waits until no CPU runs the program (40 ms, perf_event_detach_bpf_prog); so it waits for
   * several at once, and events are delivered meanwhile.
   */
  detachInThreads(): Promise<void>;
}

/** A probe whose attachment is of one kind. */
export type ProbeOf<K extends Attachment["kind"]> = ProgramProbe & { readonly attach: Extract<Attachment, { kind: K }> };

/** What attaching needs. */
export interface AttachInput {
  readonly api: LibbpfApi;
  /** libbpf's handle of the program. */
  readonly program: bigint;
  /** The directory that holds `events/`. @throws DiagnosticError when tracefs cannot be read */
  tracefs(): string;
}

export function failAttach(diagnostic: Omit<Diagnostic, "severity" | "failure"> & { failure?: Diagnostic["failure"] }): never {
  throw new DiagnosticError({ failure: "attach", severity: "error", ...diagnostic });
}

/** Links of one probe, destroyed together. */
export function attachedBy(api: LibbpfApi, probe: ProgramProbe, links: readonly bigint[]): Attached {
  let open = links;
  const take = (): readonly bigint[] => {
    const taken = open;
    open = [];
    return taken;
  };
  // Destroying a link closes its perf event as well.
  return {
    probe,
    detach: () => {
      for (const link of take()) captureStderr(() => api.linkDestroy(link));
    },
    detachInThreads: async () => {
      await Promise.all(take().map((link) => api.linkDestroy.inThread(link)));
    },
  };
}
