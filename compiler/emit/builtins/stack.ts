import { printExpr } from "../expression.js";
import { NOT_KEPT, stackFunction } from "../stacks.js";
import { bare } from "../text.js";
import type { BuiltinPrinter } from "./printer.js";

/** BPF_F_USER_STACK (include/uapi/linux/bpf.h) */
const USER_STACK = 256;

/** In its turn, and before an event is reserved: a stack that cannot be kept is counted, and the run goes on. */
const stack = (flags: number): BuiltinPrinter => ({
  print(p, e) {
    const [depth] = e.arguments;
    const frames = depth?.kind === "constant" ? Number(depth.value) : 0;
    const kept = p.keep("__u64", `${stackFunction}(${p.contextName}, ${frames * 8} /* ${frames} frames */, ${flags})`, "stack");
    if (e.site !== undefined)
      p.step(`if (${kept} == ${NOT_KEPT}) tsp_count(${p.program.sites.indexOf(e.site)} /* ${e.site.reason} */);`);
    return kept;
  },
});

export const printKstack = stack(0);
export const printUstack = stack(USER_STACK);

export const printUsym: BuiltinPrinter = {
  print(p, e) {
    const address = bare(printExpr(p, e.arguments[0] as (typeof e.arguments)[number]));
    return `(${p.program.types.of(e.type)}){ .address = ${address}, .pid = bpf_get_current_pid_tgid() >> 32 }`;
  },
};
