import { printAllDeclarations } from "../kernel/declarations.js";
import { openKernel } from "../kernel/info.js";

/** `tsprobe types`: declarations of this kernel's tracepoints and structs, for the editor. */
export function types(): number {
  process.stdout.write(printAllDeclarations(openKernel(), "Local"));
  return 0;
}
