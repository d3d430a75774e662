import type { KernelInfo } from "../kernel/info.js";
import { nearestNames } from "../kernel/nearest.js";
import type { TracepointFormat } from "../kernel/tracepoint-format.js";
import type { HandlerContext, ResolvedHook } from "./hook.js";

/** ELF section of a tracepoint's program: libbpf reads the program type and what to attach to from it. */
export function tracepointSection(format: Pick<TracepointFormat, "category" | "name">): string {
  return `tracepoint/${format.category}/${format.name}`;
}

/** What a tracepoint's handler reads: the record as tracefs describes it. */
export function tracepointContext(format: TracepointFormat): HandlerContext {
  const { category, name, fields } = format;
  return Object.freeze({
    key: `tp_${category}__${name}`.replace(/\W/g, "_"),
    title: `the tracepoint ${category}:${name}`,
    fields,
  });
}

export function resolveTracepoint({ name }: { readonly name: string }, kernel: KernelInfo): ResolvedHook {
  const format = kernel.tracepoint(name);
  if (format === undefined) {
    const near = nearestNames(name, kernel.tracepointNames(), 3);
    return {
      refusal: {
        code: "TSP3001",
        failure: "name",
        message: `this kernel (${kernel.release}) has no tracepoint ${name}`,
        hints:
          near.length > 0 ? [`did you mean ${near.join(" or ")}?`] : ["all names are in /sys/kernel/tracing/available_events"],
        culprit: name,
      },
    };
  }
  return {
    hook: Object.freeze({
      section: tracepointSection(format),
      context: tracepointContext(format),
      attach: Object.freeze({
        kind: "tracepoint" as const,
        events: Object.freeze([Object.freeze({ category: format.category, event: format.name })]),
      }),
      title: `${format.category}:${format.name}`,
    }),
  };
}
