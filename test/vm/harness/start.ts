import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { KERNELS } from "./kernels.js";
import { bootMachine, type Machine } from "./machine.js";

/** A virtual machine of the tests: where it takes commands, or why there is none. */
export type MachineState = { readonly socket: string } | { readonly reason: string };

declare module "vitest" {
  interface ProvidedContext {
    /** By the kernel's version. */
    readonly machines: Readonly<Record<string, MachineState>>;
  }
}

/** Boots one virtual machine for each kernel: all tests use them, as half a minute would go into each further one. */
export default async function start({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), "tsprobe-vm-"));
  const machines: Machine[] = [];
  const states = KERNELS.map(async (version): Promise<readonly [string, MachineState]> => {
    try {
      const machine = await bootMachine(version, join(folder, version));
      machines.push(machine);
      return [version, { socket: machine.socket }];
    } catch (error) {
      return [version, { reason: (error as Error).message }];
    }
  });
  provide("machines", Object.fromEntries(await Promise.all(states)));
  return async () => {
    await Promise.all(machines.map((machine) => machine.end()));
    rmSync(folder, { recursive: true });
  };
}
