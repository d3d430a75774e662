import type { BuiltinPrinter } from "./printer.js";

/** bpf_get_current_pid_tgid: the process id is the upper half. */
export const printPid: BuiltinPrinter = { print: () => "(__s64)(bpf_get_current_pid_tgid() >> 32)" };

export const printTid: BuiltinPrinter = { print: () => "(__s64)(__u32)bpf_get_current_pid_tgid()" };

/** bpf_get_current_uid_gid: the group id is the upper half. */
export const printUid: BuiltinPrinter = { print: () => "(__s64)(__u32)bpf_get_current_uid_gid()" };

export const printGid: BuiltinPrinter = { print: () => "(__s64)(bpf_get_current_uid_gid() >> 32)" };

export const printCgroupId: BuiltinPrinter = { print: () => "bpf_get_current_cgroup_id()" };

export const printCpu: BuiltinPrinter = { print: () => "(__s64)bpf_get_smp_processor_id()" };

export const printCurtask: BuiltinPrinter = { print: () => "bpf_get_current_task()" };

/** What it needs stands in front of the program (interrupt.ts). */
export const printInInterrupt: BuiltinPrinter = { print: () => "tsp_in_interrupt()" };

/** Defined with the filters, or where none was given (filters.ts). */
export const printIsWantedTask: BuiltinPrinter = { print: () => "tsp_passes()" };

/** In its turn: each call gives another number. */
export const printRandom: BuiltinPrinter = { print: (p) => p.keep("__s64", "bpf_get_prandom_u32()", "random") };

export const printComm: BuiltinPrinter = {
  print(p, e) {
    const text = p.temporary("comm");
    p.step(`${p.program.types.of(e.type)} ${text} = {};`, `bpf_get_current_comm(${text}.v, sizeof(${text}.v));`);
    return text;
  },
  store: (_p, target) => `bpf_get_current_comm(${target}.v, sizeof(${target}.v));`,
};
