import { spawnSync } from "node:child_process";
import { existsSync, opendirSync, readFileSync, statfsSync } from "node:fs";
import { type Diagnostic, DiagnosticError } from "../diagnostics/diagnostic.js";
import { errorCodeOf } from "./errno.js";

/** TRACEFS_MAGIC of include/uapi/linux/magic.h: an empty mount point and a mounted tracefs look alike otherwise. */
const TRACEFS_MAGIC = 0x74726163;
/** Where tracefs is mounted since Linux 4.1. */
const MOUNT_POINT = "/sys/kernel/tracing";
const MOUNT_COMMAND = `sudo mount -t tracefs tracefs ${MOUNT_POINT}`;

/** A mounted and readable tracefs. */
export interface Tracefs {
  /** The directory that holds `events/`. */
  readonly root: string;
  /** True when it was not mounted and this call mounted it: the user should be told. */
  readonly mountedNow: boolean;
}

/**
 * Finds tracefs. Mounts it at /sys/kernel/tracing, as perf does, when it is not mounted and this process is root.
 * @throws DiagnosticError TSP1201 not mounted, TSP1202 not readable, TSP1203 not in this kernel
 */
export function openTracefs(): Tracefs {
  const found = findMounted();
  if (found.readable !== undefined) return { root: found.readable, mountedNow: false };
  if (found.forbidden !== undefined) throw new DiagnosticError(notReadable(found.forbidden));
  if (!kernelHasTracefs()) throw new DiagnosticError(notInKernel());
  if (process.geteuid?.() !== 0) throw new DiagnosticError(notMounted());
  const failure = mount();
  // Looked at again even after a failure: another process may have mounted it in the meantime.
  const now = findMounted();
  if (now.readable === undefined)
    throw new DiagnosticError(notMounted(failure ?? "mount reported success, but nothing is there"));
  return { root: now.readable, mountedNow: failure === undefined };
}

/** The first mount we may read, or else one that we may not. */
function findMounted(): { readable?: string; forbidden?: string } {
  let forbidden: string | undefined;
  for (const path of mountPoints()) {
    if (!isTracefs(path)) continue;
    try {
      // Not access(2): for anyone but root it ignores capabilities such as CAP_DAC_READ_SEARCH.
      opendirSync(`${path}/events`).closeSync();
      return { readable: path };
    } catch {
      forbidden ??= path;
    }
  }
  return forbidden === undefined ? {} : { forbidden };
}

function* mountPoints(): Generator<string> {
  yield MOUNT_POINT;
  // Looking at it is what makes debugfs mount tracefs there, so it may be missing from /proc/mounts.
  yield "/sys/kernel/debug/tracing";
  for (const line of readOr("/proc/self/mounts", "").split("\n")) {
    const [, path, type] = line.split(" ");
    if (type === "tracefs" && path !== undefined) yield unescapeMountPath(path);
  }
}

/** /proc/mounts writes blanks and backslashes in a path as three octal digits. */
function unescapeMountPath(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function isTracefs(path: string): boolean {
  try {
    return statfsSync(path).type === TRACEFS_MAGIC;
  } catch {
    return false;
  }
}

/** The kernel lists the file systems it knows; without that list the mount point's existence decides. */
function kernelHasTracefs(): boolean {
  const known = readOr("/proc/filesystems", "");
  return known === "" ? existsSync(MOUNT_POINT) : /\btracefs$/m.test(known);
}

/** Returns what went wrong, or undefined. */
function mount(): string | undefined {
  const run = spawnSync("mount", ["-t", "tracefs", "tracefs", MOUNT_POINT], { encoding: "utf8", timeout: 10_000 });
  if (run.error !== undefined) return `mount could not be run: ${errorCodeOf(run.error)}`;
  return run.status === 0 ? undefined : run.stderr.trim().replaceAll("\n", "; ");
}

function readOr(path: string, fallback: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return fallback;
  }
}

function notMounted(failure?: string): Diagnostic {
  return {
    code: "TSP1201",
    failure: "permission",
    severity: "error",
    message: "tracefs, which describes the kernel's tracepoints, is not mounted",
    hints: [
      failure === undefined ? `mount it: ${MOUNT_COMMAND}` : `mounting it failed (${failure})`,
      failure === undefined
        ? "or run tsprobe as root, which mounts it"
        : `in a container, mount it on the host: ${MOUNT_COMMAND}, and share ${MOUNT_POINT} with the container`,
    ],
  };
}

function notReadable(root: string): Diagnostic {
  return {
    code: "TSP1202",
    failure: "permission",
    severity: "error",
    message: `tracefs is mounted at ${root}, but this user may not read it`,
    hints: ["run tsprobe with sudo", `or let a group read it: sudo mount -o remount,mode=0750,gid=GROUP ${root}`],
  };
}

function notInKernel(): Diagnostic {
  return {
    code: "TSP1203",
    failure: "kernel",
    severity: "error",
    message: "this kernel has no tracefs, so it has no tracepoints to attach to",
    hints: ["use a kernel built with CONFIG_FTRACE and CONFIG_EVENT_TRACING (every distribution's kernel is)"],
  };
}
