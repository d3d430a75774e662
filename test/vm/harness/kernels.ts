/** The kernels that tests run on beside this machine's own. */
export const KERNELS = ["6.1", "6.12"] as const;
export type KernelVersion = (typeof KERNELS)[number];

/** Runs a command in a virtual machine: `run-in-vm 6.12 -- uname -r`. */
export const starter = new URL("../run-in-vm", import.meta.url).pathname;
