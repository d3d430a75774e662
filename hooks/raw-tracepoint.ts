import type { KernelInfo } from "../kernel/info.js";
import { nearestNames } from "../kernel/nearest.js";
import { wordFields } from "./function-context.js";
import type { ResolvedHook } from "./hook.js";

/** A raw tracepoint: its own arguments, typed by BTF. */
export function resolveRawTracepoint({ name }: { readonly name: string }, kernel: KernelInfo): ResolvedHook {
  const found = /[*:]/.test(name) ? undefined : kernel.rawTracepoint(name);
  if (found === undefined) return unknownName(name, kernel);
  // What libbpf looks for in tp_btf is in the kernel's own BTF; a module's tracepoint has the other way.
  const typed = found.module === undefined && kernel.abilities().tracing().ok;
  const way = typed ? "tp_btf" : "raw_tp";
  return {
    hook: Object.freeze({
      section: `${way}/${name}`,
      context: Object.freeze({
        key: `${way}_${name}`,
        title: `the raw tracepoint ${name}`,
        fields: Object.freeze(wordFields(found.args, typed)),
      }),
      attach: Object.freeze(typed ? { kind: "tracing" as const } : { kind: "rawTracepoint" as const, name }),
      title: `rawTracepoint:${name}`,
    }),
  };
}

function unknownName(name: string, kernel: KernelInfo): ResolvedHook {
  const short = name.slice(name.lastIndexOf(":") + 1);
  const known = kernel.rawTracepointNames();
  const near = nearestNames(short, known, 3);
  const hint = name.includes("*")
    ? "a raw tracepoint has arguments of its own, so patterns are not for it: write one rawTracepoint for each, or tracepoint with a pattern"
    : known.includes(short) && short !== name
      ? `raw tracepoints have no category: write "${short}"`
      : near.length > 0
        ? `did you mean ${near.join(" or ")}?`
        : "the names are those behind the colon of tracepoints, and more: system calls share sys_enter and sys_exit";
  return {
    refusal: {
      code: "TSP3007",
      failure: "name",
      message: `this kernel (${kernel.release}) has no raw tracepoint ${name}`,
      hints: [hint],
      culprit: name,
    },
  };
}
