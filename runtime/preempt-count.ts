import type { OptionSlot } from "../compiler/program.js";
import { DiagnosticError } from "../diagnostics/diagnostic.js";
import type { Btf } from "../kernel/btf.js";
import { openKernelBtf } from "../kernel/kernel-btf.js";
import { perCpuDistance } from "../kernel/per-cpu.js";

/** What emit/interrupt.ts takes for "not there". */
const UNKNOWN = 0n;

/**
 * The constant behind `inInterrupt()`: from a CPU's run queue, which every task leads to, to the count of its preemptions.
 * The count's own address is no way: it needs CONFIG_KALLSYMS_ALL, which small kernels lack.
 */
export function preemptCountSlots(openBtf: () => Btf = openKernelBtf): readonly OptionSlot[] {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(distance(openBtf));
  return [{ variable: "tsp_preempt_distance", bytes }];
}

function distance(openBtf: () => Btf): bigint {
  try {
    const btf = openBtf();
    const found = perCpuDistance(btf, "runqueues", "__preempt_count") ?? perCpuDistance(btf, "runqueues", "pcpu_hot");
    return found === undefined ? UNKNOWN : BigInt(found);
  } catch (error) {
    if (error instanceof DiagnosticError) return UNKNOWN;
    throw error;
  }
}
