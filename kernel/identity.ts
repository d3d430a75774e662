import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { release, version } from "node:os";
import { KERNEL_BTF } from "./kernel-btf.js";

/**
 * Tells kernels apart whose types, functions or tracepoints differ, without reading them: by the build ID (/sys/kernel/notes, which
 * covers the BTF inside), and by the modules that are loaded.
 * @returns undefined where the kernel does not show its build ID
 */
export function kernelIdentity(): string | undefined {
  try {
    const notes = readFileSync("/sys/kernel/notes");
    if (!notes.includes("GNU\0")) return undefined;
    return [release(), version(), notes.toString("base64"), readableBtf(), modules()].join("\n");
  } catch {
    return undefined;
  }
}

/** What cannot be read says nothing, which must not be taken for an answer later. */
function readableBtf(): string {
  try {
    accessSync(KERNEL_BTF, constants.R_OK);
    return `BTF of ${statSync(KERNEL_BTF).size} bytes`;
  } catch {
    return "no BTF";
  }
}

/** Names and sizes, in any order. */
function modules(): string {
  try {
    const lines = readFileSync("/proc/modules", "latin1").split("\n");
    return lines
      .map((line) => line.split(" ", 2).join(" "))
      .sort()
      .join(",");
  } catch {
    return "built without modules";
  }
}
