import type { BuiltinPrinter } from "./printer.js";

/** In its turn: two readings in one expression must come in the script's order. */
const reading = (call: string): BuiltinPrinter => ({ print: (p) => p.keep("__u64", call, "now") });

export const printKtimeNs = reading("bpf_ktime_get_ns()");
export const printBootNs = reading("bpf_ktime_get_boot_ns()");
export const printWallNs = reading("tsp_wall_ns()");
