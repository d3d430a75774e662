import { readFileSync } from "node:fs";
import { type Diagnostic, DiagnosticError } from "../diagnostics/diagnostic.js";
import { type Btf, openBtf } from "./btf.js";
import { errorCodeOf } from "./errno.js";

/** Where a kernel with CONFIG_DEBUG_INFO_BTF shows its types. */
export const KERNEL_BTF = "/sys/kernel/btf/vmlinux";

/**
 * Opens the running kernel's BTF.
 * @throws DiagnosticError TSP1211 when the kernel has none, TSP1212 when it cannot be read or understood
 */
export function openKernelBtf(path: string = KERNEL_BTF): Btf {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code = errorCodeOf(error);
    throw new DiagnosticError(code === "ENOENT" ? missing(path) : unreadable(path, code));
  }
  try {
    return openBtf(bytes);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new DiagnosticError({
      code: "TSP1212",
      failure: "kernel",
      severity: "error",
      message: `the kernel's type information in ${path} is not understood: ${error.message}`,
      hints: ["this kernel may be newer than this tsprobe: update tsprobe"],
    });
  }
}

function missing(path: string): Diagnostic {
  return {
    code: "TSP1211",
    failure: "kernel",
    severity: "error",
    message: `this kernel does not describe its own types: ${path} does not exist`,
    hints: [
      "use a kernel of version 5.8 or newer built with CONFIG_DEBUG_INFO_BTF=y (the stock kernels of Debian 11, Ubuntu 20.10, Fedora 33, RHEL 9 and newer are)",
    ],
  };
}

function unreadable(path: string, code: string): Diagnostic {
  const permission = code === "EACCES" || code === "EPERM";
  return {
    code: "TSP1212",
    failure: permission ? "permission" : "kernel",
    severity: "error",
    message: `the kernel's type information in ${path} cannot be read (${code})`,
    hints: permission ? ["run tsprobe with sudo"] : [`try: cat ${path} | wc -c`],
  };
}
