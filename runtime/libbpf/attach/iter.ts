import { close, read } from "node:fs";
import { promisify } from "node:util";
import { type Diagnostic, DiagnosticError } from "../../../diagnostics/diagnostic.js";
import { EAGAIN, errnoName } from "../../ffi/errno.js";
import type { LibbpfApi } from "../api.js";
import { captureStderr } from "../stderr.js";
import { type Attached, type AttachInput, attachedBy, failAttach, type ProbeOf } from "./attached.js";

/** An iterator that can be run. */
export interface AttachedIterator extends Attached {
  /** Runs the program for each object there is. @throws DiagnosticError when the kernel does not let it */
  run(): Promise<void>;
}

export function attachIter({ api, program }: AttachInput, probe: ProbeOf<"iter">): AttachedIterator {
  const { value, text } = captureStderr(() => api.attachIter.withErrno(program, 0n));
  if (value.value === 0n)
    return failAttach({
      code: "TSP7061",
      span: probe.span,
      message: `the kernel did not attach the program to ${probe.title} (${errnoName(value.errno)})`,
      details: text,
    });
  const link = value.value;
  return { ...attachedBy(api, probe, [link]), run: () => runIterator(api, link, probe) };
}

/** Reading the iterator's file runs the program; it prints nothing there, so the end comes at once (bpf_seq_read, kernel/bpf/bpf_iter.c). */
async function runIterator(api: LibbpfApi, link: bigint, probe: ProbeOf<"iter">): Promise<void> {
  const created = api.iterCreate(api.linkFd(link));
  if (created < 0) throw failure(probe, errnoName(created));
  const buffer = Buffer.alloc(4096);
  try {
    for (;;) {
      // On a thread of its own, so that the events are taken out of the ring meanwhile.
      const { bytesRead } = await promisify(read)(created, buffer, 0, buffer.length, null).catch(
        (error: NodeJS.ErrnoException) => {
          // After a million objects the kernel wants to be asked again.
          if (Math.abs(error.errno ?? 0) === EAGAIN) return { bytesRead: -1 };
          throw failure(probe, error.code ?? "unknown error");
        },
      );
      if (bytesRead === 0) return;
    }
  } finally {
    await promisify(close)(created);
  }
}

function failure(probe: ProbeOf<"iter">, reason: string): DiagnosticError {
  const diagnostic: Diagnostic = {
    code: "TSP7062",
    failure: "attach",
    severity: "error",
    span: probe.span,
    message: `the kernel did not run ${probe.title} (${reason})`,
  };
  return new DiagnosticError(diagnostic);
}
