import { readFileSync, statSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import type { TaskFilters } from "../compiler/filters.js";
import { DiagnosticError } from "../diagnostics/diagnostic.js";
import { declareFilters } from "../dsl/filters.js";
import type { Script } from "../dsl/script.js";

/** The filter flags of a run, and the command to be started for it. */
export interface ScriptFilters {
  readonly filters: TaskFilters;
  /** --command */
  readonly command: string | undefined;
}

/** Declares the filter flags beside the script's own, and reads what was given. @throws DiagnosticError for a wrong value */
export function readFilters(script: Script): ScriptFilters {
  const { pid, comm, uid, cgroup, netns, command } = declareFilters(script);
  return {
    filters: {
      ...(pid === undefined ? {} : { pid: pid as number }),
      ...(comm === undefined ? {} : { comm: readComm(comm as string) }),
      ...(uid === undefined ? {} : { uid: uid as number }),
      ...(cgroup === undefined ? {} : { cgroup: readCgroup(cgroup as string) }),
      ...(netns === undefined ? {} : { netns: readNetns(netns as string) }),
      ...(command === undefined ? {} : { family: true }),
    },
    command: command as string | undefined,
  };
}

function refuse(flag: string, message: string, hint: string): never {
  throw new DiagnosticError({
    code: "TSP1103",
    failure: "usage",
    severity: "error",
    message: `${flag}: ${message}`,
    hints: [hint],
  });
}

/** TASK_COMM_LEN is 16 with the terminating NUL (include/linux/sched.h). */
const COMM_BYTES = 15;

function readComm(name: string): string {
  if (Buffer.byteLength(name) <= COMM_BYTES) return name;
  return refuse(
    "--comm",
    `"${name}" is longer than the ${COMM_BYTES} bytes the kernel keeps of a name`,
    `write what it keeps: ${Buffer.from(name).subarray(0, COMM_BYTES).toString("utf8")}`,
  );
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
function readCgroup(text: string): { id: bigint; level: number } {
  const root = cgroupRoot();
  if (root === undefined)
    return refuse("--cgroup", "cgroup v2 is not mounted here", "mount it: mount -t cgroup2 none /sys/fs/cgroup/unified");
  const path = isAbsolute(text) && !relative(root, text).startsWith("..") ? text : join(root, text);
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (found === undefined || !found.isDirectory())
    return refuse(
      "--cgroup",
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
function readNetns(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  const path = text.includes("/") ? text : `/run/netns/${text}`;
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined)
    return refuse(
      "--netns",
      `there is no network namespace ${text}`,
      "give a name of `ip netns list`, a path like /proc/PID/ns/net, or the number that `readlink` shows for it",
    );
  return found.ino;
}
