import { type BigIntStats, readFileSync, readlinkSync, statfsSync, statSync } from "node:fs";
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

/** CGROUP2_SUPER_MAGIC and NSFS_MAGIC (include/uapi/linux/magic.h). */
const CGROUP2 = 0x6367_7270;
const NSFS = 0x6e73_6673;

/** Undefined: nothing is there. @throws DiagnosticError where that may not be known */
function statOf(flag: string, path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EACCES" && code !== "EPERM") return undefined;
    return refuseFilter(
      flag,
      `${path} cannot be read (${code})`,
      "what belongs to another process takes the right to trace it (CAP_SYS_PTRACE)",
    );
  }
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
  const found = statOf(flag, path);
  const hint = `give a directory below ${root}, such as \`cat /proc/self/cgroup\` names`;
  if (found === undefined || !found.isDirectory()) return refuseFilter(flag, `there is no cgroup ${path}`, hint);
  if (statfsSync(path).type !== CGROUP2) return refuseFilter(flag, `${path} is no cgroup (v2)`, hint);
  return {
    id: found.ino,
    level: relative(root, path)
      .split("/")
      .filter((part) => part !== "").length,
  };
}

const NETNS_HINT = "give a name of `ip netns list`, a path like /proc/PID/ns/net, or the number that `readlink` shows for it";

/** A number, a path such as /proc/1/ns/net, or a name that `ip netns` made. @throws DiagnosticError where it is none, or may not be read */
export function readNetns(flag: string, text: string): number {
  if (/^\d+$/.test(text)) {
    if (Number(text) <= 0xffff_ffff) return Number(text);
    return refuseFilter(flag, `there is no network namespace ${text}: its number has 32 bits`, NETNS_HINT);
  }
  const path = text.includes("/") ? text : `/run/netns/${text}`;
  const found = statOf(flag, path);
  if (found === undefined) return refuseFilter(flag, `there is no network namespace ${text}`, NETNS_HINT);
  if (!isNetns(path)) return refuseFilter(flag, `${path} is no network namespace`, NETNS_HINT);
  return Number(found.ino);
}

/**
 * Whether a file is a network namespace. Those of a process are links to "net:[4026531840]"; what `ip netns` mounts has no such name, but
 * each namespace is on nsfs, and nothing else is. The other kinds are told by the name where there is one.
 */
function isNetns(path: string): boolean {
  if (statfsSync(path).type !== NSFS) return false;
  const kind = /^(\w+):\[\d+\]$/.exec(linkOf(path))?.[1];
  return kind === undefined || kind === "net";
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // a mount
  }
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
