import { spawnSync } from "node:child_process";
import { describe, inject } from "vitest";
import {
  describeWhere,
  type Requirement,
  requireBuild,
  requireTool,
  toolEnvironment,
  tsprobeEntry,
} from "../../e2e/harness/requirements.js";
import { KERNELS, type KernelVersion, starter } from "./kernels.js";
import { inMachine } from "./machine.js";

/** How a command in a virtual machine ended. Both of its streams come through one line. */
export interface VmRun {
  readonly stdout: string;
  readonly status: number | null;
}

/** Runs a command as root in the virtual machine of a kernel, which has this machine's files. */
export async function runInVm(version: string, command: readonly string[], timeout = 580_000): Promise<VmRun> {
  const machine = inject("machines")[version];
  if (machine === undefined || !("socket" in machine)) throw new Error(`no virtual machine with Linux ${version}`);
  // So that a command that hangs ends, and the next one finds the machine free.
  const words = ["timeout", "--kill-after=5", String(timeout / 1000 - 15), ...command].map(quoted).join(" ");
  const { output, status } = await inMachine(machine.socket, `cd ${quoted(process.cwd())}; ${words}`, timeout);
  return { stdout: output.replaceAll("\r", ""), status };
}

/** Runs a command in a virtual machine of its own: 5 to 10 s go into its start. */
export function runInOwnVm(version: string, cpus: number, command: readonly string[], timeout = 580_000): VmRun {
  const { stdout, stderr, status } = spawnSync(starter, [version, "--", ...command], {
    encoding: "utf8",
    timeout,
    env: { ...toolEnvironment(), VM_CPUS: String(cpus) },
    maxBuffer: 64 << 20,
  });
  return { stdout: stdout.replaceAll("\r", "") + stderr, status };
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** A script of test/vm. */
export const scriptPath = (name: string): string => new URL(`../${name}`, import.meta.url).pathname;

/** `tsprobe …` as a command. */
export function tsprobeCommand(args: readonly string[], env: Readonly<Record<string, string>> = {}): string[] {
  const settings = Object.entries({ NO_COLOR: "1", ...env }).map(([name, value]) => `${name}=${value}`);
  return ["env", ...settings, "node", tsprobeEntry, ...args];
}

/** Runs `tsprobe …` in a virtual machine. */
export const tsprobeInVm = (version: string, args: readonly string[]): Promise<VmRun> => runInVm(version, tsprobeCommand(args));

/** It came up (start.ts). */
function requireKernel(version: string): Requirement {
  return () => {
    const machine = inject("machines")[version];
    return machine !== undefined && "socket" in machine
      ? undefined
      : `no virtual machine with Linux ${version}: ${machine?.reason ?? "it was not started"}`;
  };
}

const tools = [
  requireTool("qemu-system-x86_64", "qemu-system-x86"),
  requireTool("busybox", "busybox-static"),
  requireTool("cpio"),
  requireTool("depmod", "kmod"),
];

/** Those that tests of whole tools run on: minutes go into each. TSPROBE_VMS=all takes every kernel. */
export const TOOL_KERNELS: readonly KernelVersion[] = process.env.TSPROBE_VMS === "all" ? KERNELS : ["6.12"];

/** Tests on each of the kernels, at the same time (each has a machine of its own), or skips that say why. */
export function describeInVms(body: (version: KernelVersion) => void, kernels: readonly KernelVersion[] = KERNELS): void {
  for (const version of kernels)
    describeWhere(
      [...tools, requireBuild, requireKernel(version)],
      `Linux ${version} in a virtual machine`,
      () => body(version),
      describe.concurrent,
    );
}
