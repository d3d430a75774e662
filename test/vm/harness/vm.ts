import { spawnSync } from "node:child_process";
import { inject } from "vitest";
import {
  describeWhere,
  type Requirement,
  requireBuild,
  requireTool,
  toolEnvironment,
  tsprobeEntry,
} from "../../e2e/harness/requirements.js";
import { KERNELS, type KernelVersion, starter } from "./kernels.js";

/** Runs a command as root in a virtual machine that has this machine's files; 5 to 10 s go into its start. */
export function runInVm(version: string, command: readonly string[], timeout = 580_000) {
  const { stdout, stderr, status } = spawnSync(starter, [version, "--", ...command], {
    encoding: "utf8",
    timeout,
    env: toolEnvironment(),
    maxBuffer: 64 << 20,
  });
  return { stdout: stdout.replaceAll("\r", ""), stderr, status };
}

/** A script of test/vm. */
export const scriptPath = (name: string): string => new URL(`../${name}`, import.meta.url).pathname;

/** Runs `tsprobe …` in a virtual machine. */
export function tsprobeInVm(version: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const settings = Object.entries({ NO_COLOR: "1", ...env }).map(([name, value]) => `${name}=${value}`);
  return runInVm(version, ["env", ...settings, "node", tsprobeEntry, ...args]);
}

/** It came up (start.ts). */
function requireKernel(version: string): Requirement {
  return () => {
    const reason = inject("machines")[version];
    return reason === "" ? undefined : `no virtual machine with Linux ${version}: ${reason}`;
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

/** Tests on each of the kernels, or skips that say why. */
export function describeInVms(body: (version: KernelVersion) => void, kernels: readonly KernelVersion[] = KERNELS): void {
  for (const version of kernels)
    describeWhere([...tools, requireBuild, requireKernel(version)], `Linux ${version} in a virtual machine`, () => body(version));
}
