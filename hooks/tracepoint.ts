import { isGlob, matchGlob } from "../kernel/glob.js";
import type { KernelInfo } from "../kernel/info.js";
import { nearestNames } from "../kernel/nearest.js";
import type { TracepointField, TracepointFormat } from "../kernel/tracepoint-format.js";
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
  if (isGlob(name)) return resolveSeveral(name, kernel);
  const format = kernel.tracepoint(name);
  if (format === undefined) {
    const near = nearestNames(name, kernel.tracepointNames(), 3);
    return refuse(
      name,
      `this kernel (${kernel.release}) has no tracepoint ${name}`,
      near.length > 0 ? `did you mean ${near.join(" or ")}?` : "all names are in /sys/kernel/tracing/available_events",
    );
  }
  return hookOn([format], tracepointContext(format), `${format.category}:${format.name}`);
}

/** A perf event and a link for each, all on one program. */
const MOST_PLACES = 512;

/** Several tracepoints by a pattern: the handler can use the fields that all of them have at the same place. */
function resolveSeveral(pattern: string, kernel: KernelInfo): ResolvedHook {
  const names = matchGlob(pattern, kernel.tracepointNames());
  if (names.length === 0)
    return refuse(
      pattern,
      `no tracepoint of this kernel (${kernel.release}) matches ${pattern}`,
      "patterns are like tcp:* or syscalls:sys_enter_*; all names are in /sys/kernel/tracing/available_events",
    );
  if (names.length > MOST_PLACES)
    return refuse(
      pattern,
      `${names.length} tracepoints match ${pattern}; at most ${MOST_PLACES} are hooked at once`,
      "narrow it",
    );
  const formats = names.map((name) => kernel.tracepoint(name)).filter((format) => format !== undefined);
  const [first, ...others] = formats as [TracepointFormat, ...TracepointFormat[]];
  if (others.length === 0) return hookOn([first], tracepointContext(first), `${first.category}:${first.name}`);
  const context = Object.freeze({
    key: `tps_${pattern.replace(/\W/g, "_")}`,
    title: `the tracepoints ${pattern}`,
    fields: Object.freeze(first.fields.filter((field) => others.every(({ fields }) => fields.some((one) => isSame(one, field))))),
    remark: `only fields that all ${formats.length} of them have at the same place can be used`,
  });
  return hookOn(formats, context, pattern);
}

function isSame(a: TracepointField, b: TracepointField): boolean {
  return a.name === b.name && a.offset === b.offset && a.size === b.size && JSON.stringify(a.type) === JSON.stringify(b.type);
}

function hookOn(formats: readonly TracepointFormat[], context: HandlerContext, title: string): ResolvedHook {
  const events = formats.map(({ category, name }) => Object.freeze({ category, event: name }));
  return {
    hook: Object.freeze({
      section: events.length === 1 ? tracepointSection(formats[0] as TracepointFormat) : "tracepoint",
      context,
      attach: Object.freeze({ kind: "tracepoint" as const, events: Object.freeze(events) }),
      title,
      ...(events.length === 1 ? {} : { places: Object.freeze(events.map(({ category, event }) => `${category}:${event}`)) }),
    }),
  };
}

function refuse(culprit: string, message: string, hint: string): ResolvedHook {
  return { refusal: { code: "TSP3001", failure: "name", message, hints: [hint], culprit } };
}
