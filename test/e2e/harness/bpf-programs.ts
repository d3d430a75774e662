import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { toolEnvironment } from "./requirements.js";

/** One BPF program that a process holds open, as /proc/PID/fdinfo tells (bpf_prog_show_fdinfo in kernel/bpf/syscall.c). */
export interface HeldProgram {
  readonly id: number;
  /** Runs the kernel left out, because it came upon the program while another one ran on that CPU. */
  readonly missedRuns: number;
}

export function programsHeldBy(pid: number): HeldProgram[] {
  const programs = new Map<number, HeldProgram>();
  for (const fd of readdirSync(`/proc/${pid}/fdinfo`)) {
    let text: string;
    try {
      text = readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8");
    } catch {
      continue; // closed since the directory was read
    }
    const field = (name: string) => new RegExp(`^${name}:\\s*(\\d+)$`, "m").exec(text)?.[1];
    const id = field("prog_id");
    // A link or a perf event shows prog_id as well; only the program itself counts misses.
    const misses = field("recursion_misses");
    if (id !== undefined && misses !== undefined) programs.set(Number(id), { id: Number(id), missedRuns: Number(misses) });
  }
  return [...programs.values()];
}

/** How many runs of this process's programs the kernel has left out so far. */
export function missedRunsOf(pid: number): number {
  return programsHeldBy(pid).reduce((sum, program) => sum + program.missedRuns, 0);
}

/** Whether the kernel still has a program with this number. */
export function programExists(id: number): boolean {
  try {
    execFileSync("bpftool", ["prog", "show", "id", String(id)], { stdio: "ignore", env: toolEnvironment() });
    return true;
  } catch {
    return false;
  }
}
