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
  return {
    probe,
    detach: () => {
      // Closes the perf event of a link as well; the kernel waits there until no CPU runs the program, if it was the hook's last.
      for (const link of open) captureStderr(() => api.linkDestroy(link));
      open = [];
    },
  };
}
