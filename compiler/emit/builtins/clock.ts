import type { BuiltinPrinter } from "./printer.js";

/** In its turn: two readings in one expression must come in the script's order. */
export const printKtimeNs: BuiltinPrinter = { print: (p) => p.keep("__u64", "bpf_ktime_get_ns()", "now") };
