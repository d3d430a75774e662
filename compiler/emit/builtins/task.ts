import type { BuiltinPrinter } from "./printer.js";

/** bpf_get_current_pid_tgid: the process id is the upper half. */
export const printPid: BuiltinPrinter = { print: () => "(__s64)(bpf_get_current_pid_tgid() >> 32)" };

export const printTid: BuiltinPrinter = { print: () => "(__s64)(__u32)bpf_get_current_pid_tgid()" };

export const printComm: BuiltinPrinter = {
  print(p, e) {
    const text = p.temporary("comm");
    p.step(`${p.program.types.of(e.type)} ${text} = {};`, `bpf_get_current_comm(${text}.v, sizeof(${text}.v));`);
    return text;
  },
  store: (_p, target) => `bpf_get_current_comm(${target}.v, sizeof(${target}.v));`,
};
