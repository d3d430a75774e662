import type { TaskFilters } from "../compiler/filters.js";
import { declareFilters } from "../dsl/filters.js";
import { readCgroup, readComm, readNetns } from "../dsl/kernel-places.js";
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
      ...(comm === undefined ? {} : { comm: readComm("--comm", comm as string) }),
      ...(uid === undefined ? {} : { uid: uid as number }),
      ...(cgroup === undefined ? {} : { cgroup: readCgroup("--cgroup", cgroup as string) }),
      ...(netns === undefined ? {} : { netns: readNetns("--netns", netns as string) }),
      ...(command === undefined ? {} : { family: true }),
    },
    command: command as string | undefined,
  };
}
