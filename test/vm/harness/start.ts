import { execFile } from "node:child_process";
import type { TestProject } from "vitest/node";
import { KERNELS, starter } from "./kernels.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Why there is no virtual machine with a kernel, by the kernel's version; "" where there is one. */
    readonly machines: Readonly<Record<string, string>>;
  }
}

/** Starts each virtual machine once, before all tests: its kernel is fetched and unpacked by then, or it is said why not. */
export default async function start({ provide }: TestProject): Promise<void> {
  const tried = KERNELS.map(
    (version) =>
      new Promise<readonly [string, string]>((resolve) => {
        const env = { ...process.env, PATH: `${process.env.PATH ?? ""}:/usr/sbin:/sbin` };
        execFile(starter, [version, "--", "true"], { timeout: 240_000, env }, (error, _, stderr) =>
          resolve([version, error === null ? "" : `${stderr.trim().split("\n").at(-1) || error.message}`]),
        );
      }),
  );
  provide("machines", Object.fromEntries(await Promise.all(tried)));
}
