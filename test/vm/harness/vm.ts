import { spawnSync } from "node:child_process";
import {
  describeWhere,
  type Requirement,
  requireBuild,
  requireTool,
  toolEnvironment,
  tsprobeEntry,
} from "../../e2e/harness/requirements.js";

/** The kernels that tests run on beside this machine's own. */
export const KERNELS = ["6.1", "6.12"] as const;
export type KernelVersion = (typeof KERNELS)[number];

const starter = new URL("../run-in-vm", import.meta.url).pathname;

/** Runs a command as root in a virtual machine that has this machine's files; 5 to 10 s go into its start. */
export function runInVm(version: string, command: readonly string[], timeout = 280_000) {
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

/** The kernel's package can be had, or was unpacked before. */
function requireKernel(version: string): Requirement {
  return () => {
    const { status, stderr } = runInVm(version, ["true"], 150_000);
    return status === 0 ? undefined : `no virtual machine with Linux ${version}: ${stderr.trim().split("\n").at(-1)}`;
  };
}

const tools = [
  requireTool("qemu-system-x86_64", "qemu-system-x86"),
  requireTool("busybox", "busybox-static"),
  requireTool("cpio"),
  requireTool("depmod", "kmod"),
];

/** Tests on each of the kernels, or skips that say why. */
export function describeInVms(body: (version: KernelVersion) => void): void {
  for (const version of KERNELS)
    describeWhere([...tools, requireBuild, requireKernel(version)], `Linux ${version} in a virtual machine`, () => body(version));
}
