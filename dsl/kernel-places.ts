import { readFileSync, statSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { DiagnosticError } from "../diagnostics/diagnostic.js";

/** @throws DiagnosticError, always: what a flag names is not there, or cannot be */
function refuseFilter(flag: string, message: string, hint: string): never {
  throw new DiagnosticError({
    code: "TSP1103",
    failure: "usage",
    severity: "error",
    message: `${flag}: ${message}`,
    hints: [hint],
  });
}

/** Where cgroup v2 is mounted: fields of /proc/self/mountinfo, proc(5). */
function cgroupRoot(): string | undefined {
  for (const line of readFileSync("/proc/self/mountinfo", "utf8").split("\n")) {
    const [before, after] = line.split(" - ");
    if (after?.startsWith("cgroup2 ")) return before?.split(" ")[4];
  }
  return undefined;
}

/** A directory of the cgroup (v2) file system; its inode number is the cgroup's id (include/linux/kernfs.h). */
export function readCgroup(flag: string, text: string): { id: bigint; level: number } {
  const root = cgroupRoot();
  if (root === undefined)
    return refuseFilter(flag, "cgroup v2 is not mounted here", "mount it: mount -t cgroup2 none /sys/fs/cgroup/unified");
  const path = isAbsolute(text) && !relative(root, text).startsWith("..") ? text : join(root, text);
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (found === undefined || !found.isDirectory())
    return refuseFilter(
      flag,
      `there is no cgroup ${path}`,
      `give a directory below ${root}, such as \`cat /proc/self/cgroup\` names`,
    );
  return {
    id: found.ino,
    level: relative(root, path)
      .split("/")
      .filter((part) => part !== "").length,
  };
}

/** A number, a path such as /proc/1/ns/net, or a name that `ip netns` made. */
export function readNetns(flag: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  const path = text.includes("/") ? text : `/run/netns/${text}`;
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined)
    return refuseFilter(
      flag,
      `there is no network namespace ${text}`,
      "give a name of `ip netns list`, a path like /proc/PID/ns/net, or the number that `readlink` shows for it",
    );
  return found.ino;
}

/** TASK_COMM_LEN is 16 with the terminating NUL (include/linux/sched.h). */
const COMM_BYTES = 15;

/** A thread's name that `comm()` can be equal to. @throws DiagnosticError for a longer one, which would match nothing */
export function readComm(flag: string, text: string): string {
  if (Buffer.byteLength(text) <= COMM_BYTES) return text;
  return refuseFilter(
    flag,
    `"${text}" is longer than the ${COMM_BYTES} bytes the kernel keeps of a name`,
    `write what it keeps: ${Buffer.from(text).subarray(0, COMM_BYTES).toString("utf8")}`,
  );
}
